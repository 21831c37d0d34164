import { type BaseHost, baseMember } from '../context/index.ts';
import { Native } from '../jinja/index.ts';
import type { ParsedDoc, ParsedFile } from '../parse/index.ts';
import { isTemplate, type Package } from '../read/index.ts';
import { closest, DiagnosticError, fail, type SourceFile, type Span, sourceFile, sourcePart } from '../text/index.ts';
import type { Build, Draft } from './build.ts';
import type { ColumnInfo, ExposureNode, Node, SourceNode } from './manifest.ts';

/** Keeps the docs blocks of a Markdown file. */
export function addDocs(b: Build, pkg: Package, file: ParsedFile & { kind: 'docs' }): void {
  for (const doc of file.docs) {
    const id = `doc.${pkg.name}.${doc.name}`;
    if (b.docs.has(id)) b.sink.add('duplicate-name', { name: doc.name, kind: 'docs block' }, { at: doc.at, related: otherDoc(b, file, doc) });
    b.docs.set(id, {
      unique_id: id,
      resource_type: 'doc',
      name: doc.name,
      package_name: pkg.name,
      path: file.input.relative,
      original_file_path: file.input.source.path,
      block_contents: contents(b, doc.contents),
    });
  }
}

function otherDoc(b: Build, file: ParsedFile & { kind: 'docs' }, doc: ParsedDoc): { readonly message: string; readonly at?: Span }[] {
  const first = file.docs.find((d) => d.name === doc.name);
  if (first && first !== doc) return [{ message: 'the other one', at: first.at }];
  const other = [...b.docs.values()].find((d) => d.name === doc.name);
  return other ? [{ message: `the other one is in ${other.original_file_path}` }] : [];
}

/** The text of a block: dbt renders it with no names at all, so that `{% raw %}` protects what follows. */
function contents(b: Build, text: string): string {
  if (!isTemplate(text)) return text;
  try {
    return b.invocation.environment
      .parse(sourceFile('docs block', text))
      .render(() => undefined, { undefined: 'lenient' })
      .trim();
  } catch (e) {
    // Text that only looks like a template is text.
    if (e instanceof DiagnosticError) return text;
    throw e;
  }
}

/** Fills in the `{{ doc('...') }}` of all descriptions. */
export function renderDescriptions(b: Build): void {
  for (const node of b.nodes.values()) describe(b, node as Draft<Node>, node.at);
  for (const source of b.sources.values()) {
    const draft = source as Draft<SourceNode>;
    describe(b, draft, source.at);
    draft.source_description = render(b, draft.source_description, source.package_name, b.places.get(source)?.get('source_description') ?? source.at).text;
  }
  for (const macro of b.invocation.registry.all()) {
    if (!isTemplate(macro.description)) continue;
    Object.assign(macro, { description: render(b, macro.description, macro.package_name, macro.at).text });
  }
  for (const exposure of b.exposures.values()) {
    const draft = exposure as Draft<ExposureNode>;
    draft.description = render(b, draft.description, exposure.package_name, b.places.get(exposure)?.get('description') ?? exposure.at).text;
  }
}

/** A description with its `{{ doc('...') }}` filled in. */
export function renderDescription(b: Build, text: string, packageName: string, at: Span): string {
  return render(b, text, packageName, at).text;
}

function describe(b: Build, node: Draft<Node> | Draft<SourceNode>, at: Span): void {
  if (isTemplate(node.description)) {
    const { text, blocks } = render(b, node.description, node.package_name, b.places.get(node)?.get('description') ?? at);
    node.description = text;
    node.doc_blocks = blocks;
  }
  for (const column of Object.values(node.columns)) {
    if (!isTemplate(column.description)) continue;
    const { text, blocks } = render(b, column.description, node.package_name, b.places.get(node)?.get(`column:${column.name}`) ?? at);
    Object.assign(column as Draft<ColumnInfo>, { description: text, doc_blocks: blocks });
  }
}

function render(b: Build, text: string, packageName: string, at: Span): { readonly text: string; readonly blocks: readonly string[] } {
  if (!isTemplate(text)) return { text, blocks: [] };
  const blocks: string[] = [];
  // Where the text stands in the file as it is, so do the mistakes in it.
  const source = textAt(at, text);
  const doc = new Native('doc', (args, site) => {
    const [first, second] = args.positional;
    const name = String(second ?? first);
    const found = findDoc(b, second === undefined ? undefined : String(first), name, packageName);
    if (!found)
      return fail(
        'doc-not-found',
        {
          name,
          near: closest(
            name,
            [...b.docs.values()].map((d) => d.name),
          ),
        },
        { at: source ? site.at : at },
      );
    if (!blocks.includes(found.unique_id)) blocks.push(found.unique_id);
    return found.block_contents;
  });
  const host: BaseHost = { invocation: b.invocation, packageName, threadId: 'MainThread', requireVars: true, renderText: (t) => t };
  try {
    const out = b.invocation.environment.parse(source ?? sourceFile('description', text)).render((name) => (name === 'doc' ? doc : baseMember(name, host)));
    return { text: out, blocks };
  } catch (e) {
    if (!(e instanceof DiagnosticError)) throw e;
    b.sink.push(source && e.diagnostic.at ? e.diagnostic : { ...e.diagnostic, at });
    return { text, blocks };
  }
}

/** The text of a YAML value as part of its file, where it stands there as it is, in quotes or not. */
function textAt({ file, start }: Span, text: string): SourceFile | undefined {
  const from = [start, start + 1].find((i) => file.text.startsWith(text, i));
  return from === undefined ? undefined : sourcePart(file, from, from + text.length);
}

function findDoc(b: Build, from: string | undefined, name: string, packageName: string) {
  if (from !== undefined) return b.docs.get(`doc.${from}.${name}`);
  const own = b.docs.get(`doc.${b.project.root.name}.${name}`) ?? b.docs.get(`doc.${packageName}.${name}`);
  return own ?? [...b.docs.values()].find((d) => d.name === name);
}
