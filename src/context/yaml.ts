import { dump } from 'js-yaml';
import { Callable, Dict, Float, PyDate, PyDateTime, PyError, PySet, str, Tuple, toJs, type Value } from '../jinja/index.ts';

/** A value as YAML in block style, as `toyaml` prints it. Throws PyError where a value has no form in YAML. */
export function dumpYaml(v: Value, sortKeys: boolean): string {
  // Floats and dates print as Python has them, which no JavaScript value says: they go through as marks.
  const marks: string[] = [];
  const text = dump(plain(v, marks), { sortKeys, lineWidth: 80, noRefs: true, seqNoIndent: true });
  const filled = text.replace(new RegExp(`${MARK}(\\d+)${MARK}`, 'g'), (_, i: string) => marks[Number(i)] ?? '');
  // A scalar by itself has an end mark, unless quotes show where it ends.
  const isPlain = !(v instanceof Dict || Array.isArray(v) || v instanceof Tuple || v instanceof PySet) && !/^['"|>]/.test(filled);
  return isPlain ? `${filled}...\n` : filled;
}

/** Stands around the number of a mark; a private-use character that no value is expected to hold. */
const MARK = '\uE0FF';

function plain(v: Value, marks: string[]): unknown {
  const mark = (text: string): string => `${MARK}${marks.push(text) - 1}${MARK}`;
  if (Array.isArray(v)) return v.map((item) => plain(item, marks));
  if (v instanceof Tuple) return v.items.map((item) => plain(item, marks));
  if (v instanceof Dict)
    return Object.fromEntries([...v.entries()].map(([key, value]): [string, unknown] => [typeof key === 'string' ? key : mark(str(key)), plain(value, marks)]));
  if (v instanceof Float) return mark(yamlFloat(v));
  if (v instanceof PyDate || v instanceof PyDateTime) return mark(str(v));
  if (typeof v === 'bigint') return mark(str(v));
  if (v === null || typeof v !== 'object') return v;
  try {
    if (v instanceof Callable) throw new PyError('TypeError', 'a function');
    const js = toJs(v);
    if (js !== undefined) return js;
  } catch (e) {
    if (!(e instanceof PyError || e instanceof TypeError)) throw e;
  }
  throw new PyError('RepresenterError', `cannot represent an object: ${str(v)}`);
}

function yamlFloat(v: Float): string {
  const text = str(v);
  if (text === 'inf' || text === '-inf') return text.replace('inf', '.inf');
  if (text === 'nan') return '.nan';
  // YAML 1.1 knows an exponent only behind a point.
  return /e/.test(text) && !text.includes('.') ? text.replace('e', '.0e') : text;
}
