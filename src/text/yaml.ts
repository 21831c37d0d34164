import type { Sink } from './diagnostic.ts';
import { type SourceFile, type Span, sourcePart, span } from './source.ts';
import { hintFor } from './yaml-advice.ts';
import type { Duplicate, Marks } from './yaml-places.ts';
import { YamlProblem } from './yaml-problem.ts';
import { YamlReader } from './yaml-reader.ts';
import type { Yaml, YamlMap } from './yaml-value.ts';

export { isMap, type Yaml, YamlDate, YamlFloat, type YamlJson, type YamlMap, yamlMap, yamlToJson } from './yaml-value.ts';

/** A parsed YAML file: plain values, and the place of every key and value in it. */
export interface YamlDocument {
  readonly file: SourceFile;
  /** null for an empty file. */
  readonly value: Yaml;
  /** The place of `container[key]`'s value; of the container itself when there is no such key. */
  valueSpan(container: YamlMap | Yaml[], key: string | number): Span;
  /** The place of the key itself. */
  keySpan(container: YamlMap | Yaml[], key: string | number): Span;
  /** The place of a container; of the whole file when it is not of this document. */
  span(container: YamlMap | Yaml[]): Span;
  /** Notes that one container is a copy of another of this document, with the same keys: it then has the same places. */
  copied(copy: YamlMap | Yaml[], of: YamlMap | Yaml[]): void;
  /**
   * The string `container[key]` as a text of its own whose spans print as places in the file: exactly where it stands there as it is (unquoted, or
   * quoted without escapes, on one line), otherwise at its start.
   */
  source(container: YamlMap | Yaml[], key: string | number): SourceFile;
}

/**
 * Reads one YAML document (YAML 1.1, as PyYAML's safe loader reads it). A duplicate key is a warning and its last value counts; what cannot be read is
 * reported as `yaml-syntax` at its place, and the answer is undefined.
 */
export function parseYaml(file: SourceFile, sink: Sink): YamlDocument | undefined {
  const { text } = file;
  const bad = unprintable.exec(text);
  const start = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  const reader = new YamlReader(`${text}\0`, start);
  try {
    if (bad)
      throw new YamlProblem(
        `the character U+${bad[0].charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')} is not allowed`,
        bad.index,
        bad.index + 1,
        'control',
      );
    const value = reader.document();
    for (const d of reader.places.duplicates) reportDuplicate(d, file, sink);
    return new Document(file, value, reader.places.marks());
  } catch (e) {
    if (!(e instanceof YamlProblem)) throw e;
    const problem = asTemplate(text, e);
    const end = Math.min(problem.end, text.length);
    sink.add('yaml-syntax', { problem: problem.message }, { at: span(file, Math.min(problem.start, end), end), hint: hintFor(file, problem) });
    return undefined;
  }
}

/** An unquoted `{{` is a mapping in a mapping to YAML; its writer meant a template. */
function asTemplate(text: string, problem: YamlProblem): YamlProblem {
  if (problem.mistake !== 'template' || !text.startsWith('{{', problem.start - 1)) return problem;
  return new YamlProblem('to YAML, a value that starts with `{{` is a mapping and no template', problem.start - 1, problem.end + 1, 'template');
}

/** The characters that YAML forbids even inside quotes. */
const unprintable = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]/;

function reportDuplicate(d: Duplicate, file: SourceFile, sink: Sink): void {
  const related = [{ message: 'the first one, which does not count', at: span(file, d.first, d.first + (d.end - d.again)) }];
  sink.add('yaml-duplicate-key', { key: d.key }, { at: span(file, d.again, d.end), related });
}

class Document implements YamlDocument {
  readonly file: SourceFile;
  readonly value: Yaml;
  private readonly marks: Marks;
  private readonly copies = new WeakMap<object, YamlMap | Yaml[]>();

  constructor(file: SourceFile, value: Yaml, marks: Marks) {
    this.file = file;
    this.value = value;
    this.marks = marks;
  }

  copied(copy: YamlMap | Yaml[], of: YamlMap | Yaml[]): void {
    this.copies.set(copy, this.copies.get(of) ?? of);
  }

  span(container: YamlMap | Yaml[]): Span {
    const { table, places } = this.marks;
    const at = places.get(this.copies.get(container) ?? container);
    return at === undefined ? span(this.file, 0, 0) : span(this.file, table[at] ?? 0, table[at + 1]);
  }

  valueSpan(container: YamlMap | Yaml[], key: string | number): Span {
    return this.entry(container, key, 2);
  }

  keySpan(container: YamlMap | Yaml[], key: string | number): Span {
    return this.entry(container, key, 0);
  }

  source(container: YamlMap | Yaml[], key: string | number): SourceFile {
    const at = this.valueSpan(container, key);
    const value = (container as YamlMap)[key];
    const text = typeof value === 'string' ? value : '';
    for (const skip of [0, 1]) {
      if (this.file.text.startsWith(text, at.start + skip)) return sourcePart(this.file, at.start + skip, at.start + skip + text.length);
    }
    return { path: this.file.path, text, within: { file: this.file, offset: at.start } };
  }

  private entry(copy: YamlMap | Yaml[], key: string | number, part: 0 | 2): Span {
    const { table, places } = this.marks;
    const container = this.copies.get(copy) ?? copy;
    const at = places.get(container);
    if (at === undefined) return this.span(container);
    const index = Array.isArray(container) ? Number(key) : (this.marks.keys.get(container) ?? Object.keys(container)).lastIndexOf(String(key));
    if (!(index >= 0 && index < (table[at + 2] ?? 0))) return this.span(container);
    const entry = at + 3 + (Array.isArray(container) ? index * 2 : index * 4 + part);
    return span(this.file, table[entry] ?? 0, table[entry + 1]);
  }
}
