import type * as z from 'zod/mini';
import { closest, isMap, type Yaml, YamlDate, YamlFloat, type YamlMap } from '../../text/index.ts';

/** A key that no shape knows but that is spelled nearly like one that it does. */
export interface NearMiss {
  readonly map: YamlMap;
  readonly key: string;
  readonly near: string;
}

/** Whether a value has a shape. Near misses found on the way are put into the list. */
export type Check = (value: Yaml | undefined, misses: NearMiss[]) => boolean;

/**
 * Turns a schema into a function that checks YAML values as they are: a file of properties takes microseconds, and the schema itself is asked only for
 * words about what is wrong. Knows the kinds of schema that dml's files use, and throws for others.
 */
export function compileCheck(schema: z.core.$ZodType): Check {
  const made = new Map<z.core.$ZodType, Check>();
  const make = (s: z.core.$ZodType): Check => {
    const known = made.get(s);
    if (known) return known;
    const check = build(s as z.core.$ZodTypes, make);
    made.set(s, check);
    return check;
  };
  return make(schema);
}

function build(schema: z.core.$ZodTypes, make: (s: z.core.$ZodType) => Check): Check {
  const { def } = schema._zod;
  switch (def.type) {
    case 'unknown':
    case 'any':
      return () => true;
    case 'string': {
      const patterns = (def.checks ?? []).flatMap((c) => ('pattern' in c._zod.def && c._zod.def.pattern instanceof RegExp ? [c._zod.def.pattern] : []));
      return patterns.length === 0 ? isText : (v) => isText(v) && patterns.every((p) => p.test(textOf(v)));
    }
    case 'number':
      return (v) => typeof v === 'number' || typeof v === 'bigint' || v instanceof YamlFloat;
    case 'boolean':
      return (v) => typeof v === 'boolean';
    case 'enum': {
      const values = new Set<unknown>(Object.values(def.entries));
      return (v) => values.has(v);
    }
    case 'optional': {
      const inner = make(def.innerType);
      return (v, misses) => v === undefined || inner(v, misses);
    }
    case 'nullable': {
      const inner = make(def.innerType);
      return (v, misses) => v === null || inner(v, misses);
    }
    case 'array': {
      const item = make(def.element);
      return (v, misses) => Array.isArray(v) && v.every((x) => item(x, misses));
    }
    case 'record': {
      const item = make(def.valueType);
      return (v, misses) => isMap(v) && Object.keys(v).every((key) => item(v[key], misses));
    }
    case 'union':
      return union(def.options.map(make));
    case 'object':
      return object(def.shape, make);
    default:
      throw new Error(`no fast check for schemas of type ${def.type}`);
  }
}

function isText(v: Yaml | undefined): boolean {
  return typeof v === 'string' || v instanceof YamlDate;
}

function textOf(v: Yaml | undefined): string {
  return v instanceof YamlDate ? v.text : String(v);
}

function union(options: readonly Check[]): Check {
  return (v, misses) => {
    const before = misses.length;
    for (const option of options) {
      if (option(v, misses)) return true;
      misses.length = before;
    }
    return false;
  };
}

function object(shape: Readonly<Record<string, z.core.$ZodType>>, make: (s: z.core.$ZodType) => Check): Check {
  const known = Object.keys(shape);
  const checks = new Map<string, Check>(Object.entries(shape).map(([key, s]) => [key, make(s)]));
  // Only these can be missed by a mapping that lacks them.
  const required = [...checks].filter(([, check]) => !check(undefined, [])).map(([key]) => key);
  return (v, misses) => {
    if (!isMap(v)) return false;
    for (const key of required) if (!(key in v)) return false;
    for (const key in v) {
      const check = checks.get(key);
      if (check) {
        if (!check(v[key], misses)) return false;
      } else {
        const near = closest(key, known);
        // A key that stands next to the known one was not meant to be it.
        if (near !== undefined && !(near in v)) misses.push({ map: v, key, near });
      }
    }
    return true;
  };
}
