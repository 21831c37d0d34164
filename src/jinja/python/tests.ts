import { Callable, Obj, PyError, type Value } from '../value.ts';
import { bind, check, signature } from './arguments.ts';
import { numberLike } from './convert.ts';
import { equals, isInt, str, tryIterate } from './core.ts';
import { Dict } from './dict.ts';
import { Float } from './float.ts';
import { Namespace } from './globals.ts';
import type { Test } from './host.ts';
import { Iter } from './iterator.ts';
import { stringTests } from './letters.ts';
import { asText, Markup } from './markup.ts';
import { binary, compare } from './operators.ts';
import { PySet } from './set.ts';
import { Undefined } from './undefined.ts';

function modulo(v: Value, by: Value): Value {
  return binary('%', v, by);
}

/** A test without arguments. */
function plain(name: string, test: (v: Value) => boolean): [string, Test] {
  const sig = signature(`test_${name}`, 1);
  return [name, (v, args) => test(check(sig, args, v))];
}

/** A test with one argument. */
function withOne(name: string, parameter: string, test: (v: Value, arg: Value) => boolean): [string, Test] {
  const sig = signature(`test_${name}`, 1, parameter);
  return [name, (v, args) => test(v, bind(sig, args)[0] as Value)];
}

function comparison(op: '==' | '!=' | '<' | '<=' | '>' | '>=', ...names: readonly string[]): [string, Test][] {
  return names.map((name) => withOne(name, 'b', (a, b) => compare(op, a, b)));
}

/** `a is b`: identity of containers and objects; small values that are equal and of one type are one object. */
function same(a: Value, b: Value): boolean {
  return a === b;
}

function isSequence(v: Value): boolean {
  if (typeof v === 'string' || Array.isArray(v)) return true;
  if (!(v instanceof Obj) || v instanceof Namespace) return false;
  if (v instanceof PySet || v.typeName.startsWith('dict_')) return false;
  try {
    return v.length() !== undefined;
  } catch (e) {
    // As Python's `len()` in this test: an object that refuses to be counted is no sequence.
    if (e instanceof PyError) return false;
    throw e;
  }
}

function nameIn(v: Value, has: (name: string) => boolean): boolean {
  const name = asText(v);
  if (Array.isArray(v) || v instanceof Dict) throw new PyError('TypeError', `unhashable type: '${Array.isArray(v) ? 'list' : 'dict'}'`);
  return name !== undefined && has(name);
}

/** Jinja's builtin tests. */
export const tests: ReadonlyMap<string, Test> = new Map<string, Test>([
  plain('odd', (v) => equals(modulo(v, 2), 1)),
  plain('even', (v) => equals(modulo(v, 2), 0)),
  withOne('divisibleby', 'num', (v, n) => equals(modulo(v, n), 0)),
  plain('defined', (v) => !(v instanceof Undefined)),
  plain('undefined', (v) => v instanceof Undefined),
  ['filter', (v, _args, host) => nameIn(v, (name) => host.filter(name) !== undefined)],
  ['test', (v, _args, host) => nameIn(v, (name) => host.test(name) !== undefined)],
  plain('none', (v) => v === null),
  plain('boolean', (v) => typeof v === 'boolean'),
  plain('false', (v) => v === false),
  plain('true', (v) => v === true),
  plain('integer', (v) => typeof v === 'number' || typeof v === 'bigint'),
  plain('float', (v) => v instanceof Float),
  plain('lower', (v) => (stringTests.islower as (s: string) => boolean)(str(v))),
  plain('upper', (v) => (stringTests.isupper as (s: string) => boolean)(str(v))),
  plain('string', (v) => asText(v) !== undefined),
  plain('mapping', (v) => v instanceof Obj && v.isMapping()),
  plain('number', (v) => isInt(v) || v instanceof Float || numberLike(v) !== undefined),
  plain('sequence', isSequence),
  plain('iterable', (v) => v instanceof Iter || tryIterate(v) !== undefined),
  plain('callable', (v) => v instanceof Callable || v instanceof Undefined),
  withOne('sameas', 'other', same),
  plain('escaped', (v) => v instanceof Markup),
  withOne('in', 'seq', (v, seq) => compare('in', v, seq)),
  ...comparison('==', '==', 'eq', 'equalto'),
  ...comparison('!=', '!=', 'ne'),
  ...comparison('>', '>', 'gt', 'greaterthan'),
  ...comparison('>=', '>=', 'ge'),
  ...comparison('<', '<', 'lt', 'lessthan'),
  ...comparison('<=', '<=', 'le'),
]);
