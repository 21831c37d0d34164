import { type Args, PyError, type Site, type Value } from '../value.ts';
import { getItem } from './access.ts';
import { Undefined, type UndefinedMode } from './undefined.ts';

/** What a filter or test may ask of the environment that runs it. */
export interface FilterHost {
  filter(name: string): Filter | undefined;
  test(name: string): Test | undefined;
  undefined(name?: string, hint?: string): Value;
  /** How lookups inside a filter answer what is missing; lenient by default. */
  readonly mode?: UndefinedMode;
  readonly autoescape?: boolean;
  /** A number from 0 up to 1, for `random`; JavaScript's own source by default. */
  random?(): number;
}

/** A filter: the value before the bar, the arguments in parentheses. */
export type Filter = (value: Value, args: Args, host: FilterHost, site: Site) => Value;

/** A test: what stands before and after `is`. */
export type Test = (value: Value, args: Args, host: FilterHost, site: Site) => boolean;

/** Looks up an attribute path (`a.b.0`, an int, or None for the value itself) with the environment's rules. */
export function attributeGetter(attribute: Value | undefined, host: FilterHost, fallback?: Value | null): (item: Value) => Value {
  const path = attributePath(attribute);
  const mode = host.mode ?? 'lenient';
  return (item) => {
    let value = item;
    for (const part of path) {
      value = getItem(value, part, mode);
      if (fallback !== undefined && fallback !== null && value instanceof Undefined) value = fallback;
    }
    return value;
  };
}

/** The steps of an attribute path; whole numbers become ints. */
export function attributePath(attribute: Value | undefined): readonly Value[] {
  if (attribute === undefined || attribute === null) return [];
  if (typeof attribute !== 'string') return [attribute];
  return attribute.split('.').map((part) => (/^\d+$/.test(part) ? Number(part) : part));
}

/** Lower-cases text, for comparisons that ignore case; leaves other values alone. */
export function ignoreCase(v: Value): Value {
  return typeof v === 'string' ? v.toLowerCase() : v;
}

/** Jinja's FilterArgumentError. */
export function argumentError(message: string): PyError {
  return new PyError('FilterArgumentError', message);
}
