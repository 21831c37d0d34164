import type { Value } from '../value.ts';
import { index, repr, valueError } from './core.ts';

/** A slice bound as an int, null where absent, or undefined where it is neither. */
function bound(v: Value): number | null | undefined {
  return v === null ? null : index(v);
}

/** `slice(start, stop, step).indices(size)`; undefined where a bound is no int; raises ValueError for a zero step. */
export function sliceIndices(size: number, start: Value, stop: Value, step: Value): [number, number, number] | undefined {
  const by = bound(step);
  const from = bound(start);
  const to = bound(stop);
  if (by === undefined || from === undefined || to === undefined) return undefined;
  const stride = by ?? 1;
  if (stride === 0) throw valueError('slice step cannot be zero');
  const low = stride < 0 ? -1 : 0;
  const high = stride < 0 ? size - 1 : size;
  const clamp = (n: number): number => (n < 0 ? Math.max(low, n + size) : Math.min(high, n));
  return [from === null ? (stride < 0 ? high : low) : clamp(from), to === null ? (stride < 0 ? low : high) : clamp(to), stride];
}

/** The items a slice picks. */
export function pick<T>(items: ArrayLike<T>, [start, stop, step]: readonly [number, number, number]): T[] {
  const out: T[] = [];
  if (step > 0) for (let i = start; i < stop; i += step) out.push(items[i] as T);
  else for (let i = start; i > stop; i += step) out.push(items[i] as T);
  return out;
}

/** How Jinja names a slice in its messages: `slice(1, 2, None)`. */
export function sliceText(start: Value, stop: Value, step: Value): string {
  return `slice(${repr(start)}, ${repr(stop)}, ${repr(step)})`;
}
