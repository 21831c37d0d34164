import type { MacroDef } from '../context/index.ts';
import { analyze, type Environment, type MacroStmt, type Parameter, scanBlocks, type Template, type MacroDef as Unit } from '../jinja/index.ts';
import type { InputFile } from '../read/index.ts';
import { DiagnosticError, Diagnostics, parseYaml, type Sink, type SourceFile, type Span, sourcePart, span, type YamlDocument } from '../text/index.ts';
import { supportedLanguages } from './language.ts';
import { templateOfPython } from './python.ts';

/** A template that is a node: a model, an analysis, a singular test, one snapshot block. */
export interface ParsedTemplate {
  readonly name: string;
  /** The text of the node alone, as the manifest keeps it. */
  readonly raw: string;
  readonly template: Template;
  readonly at: Span;
}

/** A `{% docs %}` block. */
export interface ParsedDoc {
  readonly name: string;
  readonly contents: string;
  readonly at: Span;
}

/** One file, read as far as it can be without knowing any other. */
export type ParsedFile =
  | { readonly kind: 'template'; readonly input: InputFile; readonly node: ParsedTemplate }
  | { readonly kind: 'snapshots'; readonly input: InputFile; readonly nodes: readonly ParsedTemplate[] }
  | { readonly kind: 'macros'; readonly input: InputFile; readonly macros: readonly ParsedMacro[] }
  | { readonly kind: 'yaml'; readonly input: InputFile; readonly document: YamlDocument }
  | { readonly kind: 'docs'; readonly input: InputFile; readonly docs: readonly ParsedDoc[] }
  | { readonly kind: 'data'; readonly input: InputFile };

/** A macro without its package: what its file alone tells. */
export type ParsedMacro = Pick<MacroDef, 'name' | 'macro_sql' | 'arguments' | 'supported_languages' | 'unit' | 'at'> & {
  readonly calls: readonly MacroCall[];
};

/** A call in a macro's body: `name()` or `package.name()`; with a namespace (null for none given) it is an `adapter.dispatch`. */
export interface MacroCall {
  readonly path: string;
  readonly namespace: string | null | undefined;
}

/** Reads one file. Pure: what is wrong goes to the sink, and the answer is then undefined or what could be read. */
export function parse(input: InputFile, environment: Environment, sink: Sink): ParsedFile | undefined {
  switch (input.kind) {
    case 'model':
    case 'analysis':
    case 'singular-test':
    case 'function': {
      const node = parseTemplate(baseName(input.source.path), input.source, environment, sink);
      return node && { kind: 'template', input, node };
    }
    case 'snapshot':
      return { kind: 'snapshots', input, nodes: parseSnapshots(input.source, environment, sink) };
    case 'macro':
      return { kind: 'macros', input, macros: parseMacros(input.source, environment, sink) };
    case 'yaml': {
      // dbt strips the text of a file: a block of text at its very end has no line break.
      const { source } = input;
      const document = parseYaml({ ...source, text: source.text.trimEnd() }, sink);
      return document && { kind: 'yaml', input, document };
    }
    case 'docs':
      return {
        kind: 'docs',
        input,
        docs: scanBlocks(input.source, ['docs'], sink).blocks.map((b) => ({ name: b.name, contents: b.contents.trim(), at: b.nameAt })),
      };
    default:
      return { kind: 'data', input };
  }
}

function baseName(path: string): string {
  const file = path.slice(path.lastIndexOf('/') + 1);
  return file.slice(0, file.lastIndexOf('.'));
}

function parseTemplate(name: string, source: SourceFile, environment: Environment, sink: Sink, at = span(source, 0, 0)): ParsedTemplate | undefined {
  try {
    // dbt strips the text of a model file before it renders it.
    const text = source.within ? source : stripped(source);
    const template = text.path.endsWith('.py') ? { path: text.path, text: templateOfPython(text.text) } : text;
    return { name, raw: text.text, template: environment.parse(template), at };
  } catch (e) {
    report(e, sink);
    return undefined;
  }
}

function stripped(source: SourceFile): SourceFile {
  const { text } = source;
  const start = text.length - text.trimStart().length;
  const end = text.trimEnd().length;
  return start === 0 && end === text.length ? source : sourcePart(source, Math.min(start, end), end);
}

function parseSnapshots(source: SourceFile, environment: Environment, sink: Sink): ParsedTemplate[] {
  return scanBlocks(source, ['snapshot'], sink).blocks.flatMap(
    (b) => parseTemplate(b.name, sourcePart(source, b.body.start, b.body.end), environment, sink, b.nameAt) ?? [],
  );
}

/** The macros, generic tests and materializations of a file. */
export function parseMacros(source: SourceFile, environment: Environment, sink: Sink): ParsedMacro[] {
  const read = (part: SourceFile): ParsedMacro[] => environment.parse(part).macros.map((unit) => macroOf(unit, part));
  try {
    return read(source);
  } catch (e) {
    // What stands outside of the blocks is no template to dbt. A mistake in a block is reported once more when the block is read alone.
    const scanned = new Diagnostics();
    const { blocks } = scanBlocks(source, ['macro', 'materialization', 'test', 'data_test'], scanned);
    if (scanned.all.length > 0) {
      report(e, sink);
      return [];
    }
    return blocks.flatMap(({ at }) => {
      try {
        return read(sourcePart(source, at.start, at.end));
      } catch (inside) {
        report(inside, sink);
        return [];
      }
    });
  }
}

/** The text of a macro as the manifest has it: with the white space that the minus of its first and last tag takes from between blocks. */
function macroText({ text }: SourceFile, start: number, end: number): string {
  const before = text.slice(0, start).trimEnd();
  const from = text.startsWith('{%-', start) && before !== '' && !/-[%#}]\}$/.test(before) ? before.length : start;
  const rest = text.slice(end).trimStart();
  const to = text.startsWith('-%}', end - 3) && rest !== '' ? text.length - rest.length : end;
  return text.slice(from, to);
}

function macroOf(unit: Unit, source: SourceFile): ParsedMacro {
  const { statement } = unit;
  return {
    name: unit.name,
    macro_sql: macroText(source, statement.start, statement.end),
    arguments: statement.params.map(argumentOf),
    supported_languages: supportedLanguages(statement),
    unit: () => unit,
    at: span(source, statement.nameAt.start, statement.nameAt.end),
    calls: callsOf(statement),
  };
}

function argumentOf(p: Parameter): MacroDef['arguments'][number] {
  return { name: p.name, type: p.type ?? null, description: '' };
}

function callsOf(statement: MacroStmt): MacroCall[] {
  const calls = analyze(statement).calls.flatMap(({ path, literal: args }): MacroCall[] => {
    if (path !== 'adapter.dispatch') return [{ path, namespace: undefined }];
    const [name, namespace] = args?.positional ?? [];
    const space = namespace ?? args?.named.get('macro_namespace') ?? null;
    return typeof name === 'string' && (space === null || typeof space === 'string') ? [{ path: name, namespace: space }] : [];
  });
  return calls;
}

function report(e: unknown, sink: Sink): void {
  if (!(e instanceof DiagnosticError)) throw e;
  sink.push(e.diagnostic);
}
