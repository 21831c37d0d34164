import { type Args, Callable, PyError, type Site, type Value } from '../value.ts';
import { callValue } from './access.ts';
import { Builtin, bind, callArgs, signature } from './arguments.ts';
import { index, iterate, needIndex, slotName, toList, truthy, typeError } from './core.ts';
import { Dict } from './dict.ts';
import { Iter } from './iterator.ts';
import { binary } from './operators.ts';
import { Tuple } from './tuple.ts';

type Maker = (args: Args, site: Site) => Iterable<Value>;

/** The type of one of the functions, which also has `from_iterable` where it is `chain`. */
class IteratorType extends Builtin {
  constructor(name: string, make: Maker) {
    super(`itertools.${name}`, (args, site) => new Iter(name, make(args, site), undefined, 'itertools'), 'type');
  }
  override attr(name: string): Value | undefined {
    if (name !== 'from_iterable' || this.name !== 'itertools.chain') return undefined;
    return new Builtin(name, (args) => new Iter('chain', chained(iterate(args.positional[0] ?? null)), undefined, 'itertools'));
  }
}

function* chained(sources: Iterable<Value>): Generator<Value> {
  for (const source of sources) yield* iterate(source);
}

function* counted(start: Value, step: Value): Generator<Value> {
  for (let n = start; ; n = binary('+', n, step)) yield n;
}

function* cycled(items: Iterable<Value>): Generator<Value> {
  const seen: Value[] = [];
  for (const item of items) {
    seen.push(item);
    yield item;
  }
  while (seen.length > 0) yield* seen;
}

function* repeated(item: Value, times: number): Generator<Value> {
  for (let i = 0; i < times; i++) yield item;
}

function* accumulated(items: Iterable<Value>, add: (a: Value, b: Value) => Value, initial: Value | undefined): Generator<Value> {
  let total = initial;
  if (total !== undefined) yield total;
  for (const item of items) {
    total = total === undefined ? item : add(total, item);
    yield total;
  }
}

function* sliced(source: Iterable<Value>, start: number, stop: number, step: number): Generator<Value> {
  if (stop <= start && stop <= 0) return;
  let at = 0;
  let next = start;
  if (stop <= next) return;
  for (const item of source) {
    if (at++ === next) {
      yield item;
      next += step;
    }
    // Stops before asking for an item that is not wanted: the source may be endless or shared.
    if (next >= stop || at >= stop) return;
  }
}

/** The ways to choose `size` of `count` places, as lists of indices; `ordered` counts arrangements, `again` allows repeats. */
function* choices(count: number, size: number, ordered: boolean, again: boolean, from: readonly number[] = []): Generator<readonly number[]> {
  if (from.length === size) {
    yield from;
    return;
  }
  const first = ordered || from.length === 0 ? 0 : (from.at(-1) as number) + (again ? 0 : 1);
  for (let i = first; i < count; i++) {
    if (ordered && !again && from.includes(i)) continue;
    yield* choices(count, size, ordered, again, [...from, i]);
  }
}

function* chosen(items: readonly Value[], size: number, ordered: boolean, again: boolean): Generator<Value> {
  for (const places of choices(items.length, size, ordered, again)) yield new Tuple(places.map((i) => items[i] as Value));
}

function* product(pools: readonly (readonly Value[])[], from: readonly Value[] = []): Generator<Value> {
  const pool = pools[from.length];
  if (pool === undefined) {
    yield new Tuple(from);
    return;
  }
  for (const item of pool) yield* product(pools, [...from, item]);
}

function* zippedLongest(sources: readonly Iterable<Value>[], fill: Value): Generator<Value> {
  const iterators = sources.map((source) => source[Symbol.iterator]());
  for (;;) {
    const steps = iterators.map((iterator) => iterator.next());
    if (steps.every((step) => step.done === true)) return;
    yield new Tuple(steps.map((step) => (step.done === true ? fill : step.value)));
  }
}

function* compressed(data: Iterable<Value>, selectors: Iterable<Value>): Generator<Value> {
  const flags = selectors[Symbol.iterator]();
  for (const item of data) {
    const flag = flags.next();
    if (flag.done === true) return;
    if (truthy(flag.value)) yield item;
  }
}

/** A shared buffer behind the iterators of `tee`. */
function tee(source: Iterable<Value>, count: number): Tuple {
  const iterator = source[Symbol.iterator]();
  const seen: Value[] = [];
  function* copy(): Generator<Value> {
    for (let at = 0; ; at++) {
      if (at === seen.length) {
        const step = iterator.next();
        if (step.done === true) return;
        seen.push(step.value);
      }
      yield seen[at] as Value;
    }
  }
  return new Tuple(Array.from({ length: count }, () => new Iter('_tee', copy(), undefined, 'itertools')));
}

function callable(v: Value | undefined, site: Site): ((...args: Value[]) => Value) | undefined {
  if (v === undefined || v === null) return undefined;
  if (!(v instanceof Callable)) throw typeError(`'${slotName(v)}' object is not callable`);
  return (...args) => callValue(v, callArgs(...args), site);
}

function bound(v: Value | undefined, fallback: number, what = 'Indices for islice()'): number {
  if (v === undefined || v === null) return fallback;
  const n = index(v);
  if (n === undefined || n < 0) throw new PyError('ValueError', `${what} must be None or an integer: 0 <= x <= sys.maxsize.`);
  return n;
}

function islice(args: Args): Iterable<Value> {
  const [source, ...bounds] = args.positional as [Value, ...Value[]];
  if (bounds.length === 0 || bounds.length > 3)
    throw typeError(`islice expected at ${bounds.length === 0 ? 'least 2' : 'most 4'} arguments, got ${args.positional.length}`);
  const [start, stop, step] = bounds.length === 1 ? [null, bounds[0], null] : bounds;
  return sliced(
    iterate(source),
    bound(start, 0),
    bound(stop, Number.POSITIVE_INFINITY, bounds.length === 1 ? 'Stop argument for islice()' : undefined),
    bound(step, 1),
  );
}

const countSignature = signature('count', 0, 'start=', 'step=');
const repeatSignature = signature('repeat', 0, 'object', 'times=');
const accumulateSignature = signature('accumulate', 0, 'iterable', 'func=', '*', 'initial=');
const permutationsSignature = signature('permutations', 0, 'iterable', 'r=');
const combinationsSignature = signature('combinations', 0, 'iterable', 'r');
const compressSignature = signature('compress', 0, 'data', 'selectors');

const makers: Readonly<Record<string, Maker>> = {
  chain: (args) => chained(args.positional),
  count: (args) => {
    const [start = 0, step = 1] = bind(countSignature, args);
    return counted(start, step);
  },
  cycle: (args) => cycled(iterate(args.positional[0] ?? null)),
  repeat: (args) => {
    const [item, times] = bind(repeatSignature, args) as [Value, Value?];
    return repeated(item, times === undefined ? Number.POSITIVE_INFINITY : needIndex(times));
  },
  accumulate: (args, site) => {
    const [items, func, initial] = bind(accumulateSignature, args) as [Value, Value?, Value?];
    return accumulated(iterate(items), callable(func, site) ?? ((a, b) => binary('+', a, b)), initial === null ? undefined : initial);
  },
  compress: (args) => {
    const [data, selectors] = bind(compressSignature, args) as [Value, Value];
    return compressed(iterate(data), iterate(selectors));
  },
  islice,
  starmap: (args, site) => {
    const f = callable(args.positional[0], site) as (...args: Value[]) => Value;
    return (function* () {
      for (const item of iterate(args.positional[1] ?? null)) yield f(...toList(item));
    })();
  },
  zip_longest: (args) => zippedLongest(args.positional.map(iterate), args.named.get('fillvalue') ?? null),
  product: (args) => {
    const pools = args.positional.map(toList);
    const times = needIndex(args.named.get('repeat') ?? 1);
    return product(Array.from({ length: times }, () => pools).flat());
  },
  permutations: (args) => {
    const [items, r = null] = bind(permutationsSignature, args) as [Value, Value?];
    const list = toList(items);
    return chosen(list, r === null ? list.length : needIndex(r), true, false);
  },
  combinations: (args) => {
    const [items, r] = bind(combinationsSignature, args) as [Value, Value];
    return chosen(toList(items), needIndex(r), false, false);
  },
  combinations_with_replacement: (args) => {
    const [items, r] = bind(combinationsSignature, args) as [Value, Value];
    return chosen(toList(items), needIndex(r), false, true);
  },
};

const members: readonly (readonly [string, Value])[] = [
  ...Object.entries(makers).map(([name, make]) => [name, new IteratorType(name, make)] as const),
  ['tee', new Builtin('tee', (args) => tee(iterate(args.positional[0] ?? null), needIndex(args.positional[1] ?? 2)))],
];

/** The members of Python's `itertools` that dbt gives: those that take a predicate have no use where no function can be written. */
export function itertoolsModule(): Dict {
  return new Dict(members);
}
