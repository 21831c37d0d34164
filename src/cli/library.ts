import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Environment, MacroDef as Unit } from '../jinja/index.ts';
import { language, type ParsedMacro, parseMacros } from '../parse/index.ts';
import type { BuiltinFile, DocNode } from '../resolve/index.ts';
import { Diagnostics, type SourceFile, sourceFile, sourcePart, span } from '../text/index.ts';

/** The packages of dml's macro library, by the folder below `templates/macros/` they are in. */
const FOLDERS: Readonly<Record<string, string>> = { dml: 'dbt', duckdb: 'dbt_duckdb', postgres: 'dbt_postgres' };

/** What is known of a macro of the library without parsing it. Offsets into its file. */
interface IndexedMacro extends Pick<ParsedMacro, 'name' | 'arguments' | 'supported_languages' | 'calls'> {
  readonly start: number;
  readonly text: string;
  /** The place of its name. */
  readonly at: readonly [start: number, end: number];
}

/** The macro library, indexed when dml is built, so that a run parses the macros it calls and no others. */
export interface LibraryIndex {
  readonly files: readonly { readonly package: string; readonly folder: string; readonly name: string; readonly macros: readonly IndexedMacro[] }[];
}

/** Makes the index of the library in a `templates/` folder. Throws where a macro of ours cannot be parsed. */
export function indexLibrary(templates: string): LibraryIndex {
  const environment = language();
  const sink = new Diagnostics();
  const files = sources(templates).map(({ folder, name, packageName, file }) => ({
    package: packageName,
    folder,
    name,
    macros: parseMacros(file, environment, sink).map(({ name: macro, arguments: args, supported_languages, calls, macro_sql: text, at }): IndexedMacro => {
      return { name: macro, arguments: args, supported_languages, calls, start: file.text.lastIndexOf(text, at.start), text, at: [at.start, at.end] };
    }),
  }));
  const [wrong] = sink.errors;
  if (wrong) throw new Error(`${wrong.at?.file.path}: ${wrong.message}`);
  return { files };
}

/** The macro library: from an index where there is one, else parsed. */
export function builtinMacros(templates: string, index: string | undefined, environment: Environment): BuiltinFile[] {
  if (index !== undefined) {
    const { files } = JSON.parse(readFileSync(index, 'utf8')) as LibraryIndex;
    return files.map((f) => indexed(f, templates, environment));
  }
  const sink = new Diagnostics();
  return sources(templates).map(({ packageName, file }) => ({ package: packageName, path: file.path, macros: parseMacros(file, environment, sink) }));
}

const builtIn = (shown: string, text: string): SourceFile => ({ ...sourceFile(shown, text), builtIn: true });

function sources(templates: string) {
  return Object.entries(FOLDERS).flatMap(([folder, packageName]) =>
    readdirSync(path.join(templates, 'macros', folder))
      .filter((name) => name.endsWith('.sql'))
      .sort()
      .map((name) => ({ folder, name, packageName, file: builtIn(`macros/${name}`, readFileSync(path.join(templates, 'macros', folder, name), 'utf8')) })),
  );
}

function indexed(f: LibraryIndex['files'][number], templates: string, environment: Environment): BuiltinFile {
  const file = new LibraryFile(`macros/${f.name}`, path.join(templates, 'macros', f.folder, f.name));
  const macros = f.macros.map((m): ParsedMacro => {
    let unit: Unit | undefined;
    return {
      name: m.name,
      macro_sql: m.text,
      arguments: m.arguments,
      supported_languages: m.supported_languages,
      calls: m.calls,
      at: span(file, m.at[0], m.at[1]),
      unit: () => {
        unit ??= environment.parse(sourcePart(file, m.start, m.start + m.text.length)).macros[0] as Unit;
        return unit;
      },
    };
  });
  return { package: f.package, path: file.path, macros };
}

/** A file of the library whose text is read when a macro of it is parsed or a diagnostic shows it. */
class LibraryFile implements SourceFile {
  readonly path: string;
  readonly builtIn = true;
  private readonly absolute: string;
  private contents: string | undefined;
  constructor(shown: string, absolute: string) {
    this.path = shown;
    this.absolute = absolute;
  }
  get text(): string {
    this.contents ??= readFileSync(this.absolute, 'utf8');
    return this.contents;
  }
}

/** The first page of the documentation, where a project has none of its own. */
export function overview(templates: string): DocNode {
  return {
    unique_id: 'doc.dbt.__overview__',
    resource_type: 'doc',
    name: '__overview__',
    package_name: 'dbt',
    path: 'overview.md',
    original_file_path: 'docs/overview.md',
    block_contents: readFileSync(path.join(templates, 'docs', 'overview.md'), 'utf8').trim(),
  };
}
