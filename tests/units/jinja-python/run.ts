import {
  tests as builtinTests,
  callValue,
  type Filter,
  type FilterHost,
  filters,
  getAttr,
  globals,
  PyError,
  type Site,
  str,
  Undefined,
  type Value,
} from '../../../src/jinja/index.ts';
import { sourceFile, span } from '../../../src/text/index.ts';

/** A place for calls that no test looks at. */
export const site: Site = { at: span(sourceFile('test.sql', ''), 0, 0) };

/** A host with the builtin filters and tests. */
export const host: FilterHost = {
  filter: (name) => filters.get(name),
  test: (name) => builtinTests.get(name),
  undefined: (name, hint) => new Undefined({ ...(name === undefined ? {} : { name }), hint }),
};

/** `value.name(...args)`. */
export function method(value: Value, name: string, ...args: Value[]): Value {
  return callValue(getAttr(value, name), { positional: args, named: new Map() }, site);
}

/** A builtin global called with these arguments. */
export function global(name: string, ...args: Value[]): Value {
  return callValue(globals.get(name) as Value, { positional: args, named: new Map() }, site);
}

/** A filter applied to a value. */
export function filter(name: string, value: Value, ...args: Value[]): Value {
  return (filters.get(name) as Filter)(value, { positional: args, named: new Map() }, host, site);
}

/** The error a computation raises, as `Kind: message`; its text where it raises none. */
export function outcome(compute: () => Value): string {
  try {
    return str(compute());
  } catch (error) {
    if (error instanceof PyError) return `${error.kind}: ${error.message}`;
    throw error;
  }
}
