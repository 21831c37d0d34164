import type * as z from 'zod/mini';
import { closest, isMap, type Sink, type Span, type Yaml, type YamlDocument, type YamlMap, yamlToJson } from '../text/index.ts';

type Issue = z.core.$ZodIssue;
type Path = readonly (string | number)[];

/** The place in a document of the value at a path; of the last key on the way that is there. */
export function spanAt(document: YamlDocument, path: Path, key = false): Span {
  let container: Yaml = document.value;
  if (!isMap(container) && !Array.isArray(container)) return { file: document.file, start: 0, end: 0 };
  for (const [i, step] of path.entries()) {
    const next: Yaml | undefined = Array.isArray(container) ? container[Number(step)] : container[String(step)];
    const last = i === path.length - 1;
    if (last || next === undefined || (!isMap(next) && !Array.isArray(next)))
      return key && last ? document.keySpan(container, step) : document.valueSpan(container, step);
    container = next;
  }
  return document.span(container);
}

/** What is wrong, in words that follow the name of the key, and the path to it. */
export function describeIssue(issue: Issue, root: unknown): { readonly path: Path; readonly problem: string } {
  const path = issue.path.map((p) => (typeof p === 'symbol' ? String(p) : p));
  // A union reports every branch. The one that got deepest is the one the user meant.
  if (issue.code === 'invalid_union') {
    const deeper = issue.errors.map((e) => e[0]).filter((e) => e !== undefined && e.path.length > 0);
    const best = deeper.sort((a, b) => (b?.path.length ?? 0) - (a?.path.length ?? 0))[0];
    if (best) {
      const inner = describeIssue(best, valueAt(root, path));
      return { path: [...path, ...inner.path], problem: inner.problem };
    }
  }
  const found = valueAt(root, path);
  const wanted = [...new Set(expected(issue))];
  if (wanted.length > 0) return { path, problem: found === undefined ? 'is missing' : `must be ${wanted.join(' or ')}, not ${kindOf(found)}` };
  return { path, problem: issue.message && issue.message !== 'Invalid input' ? issue.message : `cannot be ${kindOf(found)}` };
}

function expected(issue: Issue): string[] {
  switch (issue.code) {
    case 'invalid_type':
      return [names[issue.expected] ?? issue.expected];
    case 'invalid_value':
      return [issue.values.length === 1 ? String(issue.values[0]) : `one of ${issue.values.map(String).join(', ')}`];
    case 'invalid_union':
      return issue.errors.flatMap((branch) => branch.slice(0, 1).flatMap(expected));
    default:
      return [];
  }
}

const names: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
  record: 'a mapping',
  null: 'empty',
};

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return 'empty';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a mapping';
  if (typeof value === 'string') return value.length > 30 ? 'a text' : `the text \`${value}\``;
  return `\`${String(value)}\``;
}

function valueAt(root: unknown, path: Path): unknown {
  let value = root;
  for (const step of path) value = typeof value === 'object' && value !== null ? (value as Record<string | number, unknown>)[step] : undefined;
  return value;
}

/** A path as the file spells it: `dispatch[0].search_order`. */
export function pathText(path: Path): string {
  return path.map((step, i) => (typeof step === 'number' ? `[${step}]` : i === 0 ? step : `.${step}`)).join('');
}

/** Checks a (rendered) value against a schema; every problem is reported as `config-invalid` at its place in the document. */
export function checkShape(schema: z.ZodMiniType, value: YamlMap, document: YamlDocument, sink: Sink, above: Path = []): boolean {
  const plain = yamlToJson(value);
  const result = schema.safeParse(plain);
  if (result.success) return true;
  for (const issue of result.error.issues) {
    if (issue.code === 'unrecognized_keys') continue;
    const { path, problem } = describeIssue(issue, plain);
    sink.add('config-invalid', { key: pathText(path), problem }, { at: spanAt(document, [...above, ...path]) });
  }
  return result.error.issues.every((issue) => issue.code === 'unrecognized_keys');
}

/** Reports each key of a mapping that is not a known one. */
export function checkKeys(
  map: YamlMap,
  known: readonly string[],
  document: YamlDocument,
  file: string,
  sink: Sink,
  severity: 'warning' | 'error' = 'warning',
): void {
  for (const key of Object.keys(map)) {
    if (known.includes(key)) continue;
    sink.add('config-unknown-key', { key, file, near: closest(key, known) }, { at: document.keySpan(map, key), severity });
  }
}
