import type { Json } from '../resolve/index.ts';
import { YamlFloat } from '../text/index.ts';

/** Whether two values are the same as Python compares them: 1 is 1.0 and true, the order of a mapping's keys does not matter. */
export function same(a: Json | undefined, b: Json | undefined): boolean {
  const left = plain(a);
  const right = plain(b);
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return left === right;
  if (Array.isArray(left) || Array.isArray(right)) {
    return Array.isArray(left) && Array.isArray(right) && left.length === right.length && left.every((item: Json, i) => same(item, right[i]));
  }
  const keys = Object.keys(left);
  const other = right as { readonly [key: string]: Json };
  return keys.length === Object.keys(other).length && keys.every((key) => key in other && same((left as { readonly [key: string]: Json })[key], other[key]));
}

function plain(value: Json | undefined): Json | undefined {
  return value instanceof YamlFloat ? value.value : typeof value === 'boolean' ? Number(value) : value;
}

/** A value as a reason shows it: short JSON, `(not set)` where there is none. */
export function shown(value: Json | undefined): string {
  if (value === undefined) return '(not set)';
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
