import { Obj, PyError, type Value } from '../value.ts';
import { repr, typeName } from './core.ts';
import { Dict } from './dict.ts';
import { order } from './order.ts';
import { PySet } from './set.ts';
import { codeLength, quote, splitLines } from './text.ts';
import { Named, Tuple } from './tuple.ts';

const WIDTH = 80;

/** `pprint.pformat(v)`: dict keys and set members sorted, broken over lines beyond 80 columns. */
export function prettyPrint(v: Value): string {
  return layOut(v, 0, 0, 0);
}

/** Sorts values that may have no common order: where they have none, by the names of their types. */
function safeSorted<T>(items: readonly T[], key: (item: T) => Value): T[] {
  const compare = (a: Value, b: Value): number => {
    try {
      return order('<', a, b) ? -1 : order('<', b, a) ? 1 : 0;
    } catch (error) {
      if (!(error instanceof PyError)) throw error;
      const x = `<class '${typeName(a)}'>`;
      const y = `<class '${typeName(b)}'>`;
      return x < y ? -1 : x > y ? 1 : 0;
    }
  };
  return [...items].sort((a, b) => compare(key(a), key(b)));
}

/** The one-line form, with dict keys sorted. */
function flat(v: Value): string {
  if (Array.isArray(v)) return `[${v.map(flat).join(', ')}]`;
  if (v instanceof Dict) {
    return `{${safeSorted([...v.entries()], (entry) => entry[0])
      .map(([key, value]) => `${flat(key)}: ${flat(value)}`)
      .join(', ')}}`;
  }
  if (v instanceof Tuple && v.typeName === 'tuple') return `(${v.items.map(flat).join(', ')}${v.items.length === 1 ? ',' : ''})`;
  return repr(v);
}

function layOut(v: Value, indent: number, allowance: number, level: number): string {
  const line = flat(v);
  if (codeLength(line) <= WIDTH - indent - allowance) return line;
  if (typeof v === 'string') return textLines(v, indent, allowance, level + 1);
  if (v instanceof Dict && v.size > 0) return dictLines(v, indent, allowance + 1, level + 1);
  if (Array.isArray(v)) return `[${itemLines(v, indent, allowance + 1, level + 1)}]`;
  if (v instanceof Tuple && !(v instanceof Named)) {
    const end = v.items.length === 1 ? ',)' : ')';
    return `(${itemLines(v.items, indent, allowance + end.length, level + 1)}${end}`;
  }
  const fields = v instanceof Obj ? v.record() : undefined;
  if (fields) {
    const head = `${typeName(v)}(`;
    const at = indent + head.length;
    const parts = fields.map(([name, value], i) => `${name}=${layOut(value, at + name.length + 1, i === fields.length - 1 ? allowance : 1, level)}`);
    return `${head}${parts.join(`,\n${' '.repeat(at)}`)})`;
  }
  if (v instanceof PySet && v.members.size > 0) {
    const items = safeSorted([...v.members.values()], (item) => item);
    if (v.typeName === 'set') return `{${itemLines(items, indent, allowance + 1, level + 1)}}`;
    return `frozenset({${itemLines(items, indent + 'frozenset('.length, allowance + 2, level + 1)}})`;
  }
  return line;
}

function dictLines(v: Dict, indent: number, allowance: number, level: number): string {
  const entries = safeSorted([...v.entries()], (entry) => entry[0]);
  const parts = entries.map(([key, value], i) => {
    const name = flat(key);
    return `${name}: ${layOut(value, indent + 1 + codeLength(name) + 2, i === entries.length - 1 ? allowance : 1, level)}`;
  });
  return `{${parts.join(`,\n${' '.repeat(indent + 1)}`)}}`;
}

function itemLines(items: readonly Value[], indent: number, allowance: number, level: number): string {
  return items.map((item, i) => layOut(item, indent + 1, i === items.length - 1 ? allowance : 1, level)).join(`,\n${' '.repeat(indent + 1)}`);
}

/** Long text as several literals, broken at line ends and between words. */
function textLines(text: string, outerIndent: number, outerAllowance: number, level: number): string {
  if (text === '') return quote(text);
  const indent = level === 1 ? outerIndent + 1 : outerIndent;
  const allowance = level === 1 ? outerAllowance + 1 : outerAllowance;
  const width = WIDTH - indent;
  const lines = splitLines(text, true);
  const chunks: string[] = [];
  lines.forEach((line, i) => {
    const lastLine = i === lines.length - 1;
    if (codeLength(quote(line)) <= width - (lastLine ? allowance : 0)) {
      chunks.push(quote(line));
      return;
    }
    const parts = line.match(/\S*\s*/gu)?.filter((part) => part !== '') ?? [];
    let current = '';
    parts.forEach((part, j) => {
      const room = width - (lastLine && j === parts.length - 1 ? allowance : 0);
      if (codeLength(quote(current + part)) > room) {
        if (current !== '') chunks.push(quote(current));
        current = part;
      } else current += part;
    });
    if (current !== '') chunks.push(quote(current));
  });
  if (chunks.length === 1) return chunks[0] as string;
  const body = chunks.join(`\n${' '.repeat(indent)}`);
  return level === 1 ? `(${body})` : body;
}
