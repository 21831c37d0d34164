import { type Args, PyError, type Site, type Value } from '../value.ts';
import { getItem } from './access.ts';
import { bind, check, signature } from './arguments.ts';
import { equals, hashKey, index, iterate, len, needIndex, repr, slotName, str, toList, truthy, typeError } from './core.ts';
import { Dict, pairs } from './dict.ts';
import { argumentError, attributeGetter, attributePath, type Filter, type FilterHost, ignoreCase } from './host.ts';
import { generator, Iter, reversed } from './iterator.ts';
import { boundItems } from './limits.ts';
import { asText, Markup } from './markup.ts';
import { binary } from './operators.ts';
import { order, sorted } from './order.ts';
import { codePoints } from './text.ts';
import { Named, type Tuple } from './tuple.ts';
import { Undefined } from './undefined.ts';

const noneSignature = (name: string) => signature(`do_${name}`, 1);

function getterOf(attribute: Value | undefined, caseSensitive: Value | undefined, host: FilterHost, fallback?: Value): (item: Value) => Value {
  const get = attributeGetter(attribute, host, fallback);
  return truthy(caseSensitive ?? false) ? get : (item) => ignoreCase(get(item));
}

const sortSignature = signature('do_sort', 2, 'reverse=', 'case_sensitive=', 'attribute=');

const sort: Filter = (v, args, host) => {
  const [reverse = false, caseSensitive = false, attribute = null] = bind(sortSignature, args);
  const items = iterate(v);
  const wantsCase = truthy(caseSensitive);
  if (attribute === null && !wantsCase) return sorted(items, ignoreCase, truthy(reverse));
  // Several attributes, separated by commas, compare as one list.
  const paths = typeof attribute === 'string' ? attribute.split(',').map(attributePath) : [attributePath(attribute)];
  const mode = host.mode ?? 'lenient';
  const key = (item: Value): Value =>
    paths.map((path) => {
      let value = item;
      for (const part of path) value = getItem(value, part, mode);
      return wantsCase ? value : ignoreCase(value);
    });
  return sorted(items, paths.length === 1 ? (item) => (key(item) as Value[])[0] as Value : key, truthy(reverse));
};

const uniqueSignature = signature('do_unique', 2, 'case_sensitive=', 'attribute=');

const unique: Filter = (v, args, host) => {
  const [caseSensitive, attribute] = bind(uniqueSignature, args);
  const get = getterOf(attribute, caseSensitive, host);
  return generator('sync_do_unique', distinct(v, get));
};

function* distinct(v: Value, get: (item: Value) => Value): Generator<Value> {
  const seen = new Set<unknown>();
  for (const item of iterate(v)) {
    const key = hashKey(get(item));
    if (seen.has(key)) continue;
    seen.add(key);
    yield item;
  }
}

function extreme(name: 'min' | 'max'): Filter {
  const sig = signature(`do_${name}`, 2, 'case_sensitive=', 'attribute=');
  return (v, args, host) => {
    const [caseSensitive, attribute] = bind(sig, args);
    const get = getterOf(attribute, caseSensitive, host);
    let best: Value | undefined;
    let bestKey: Value = null;
    for (const item of iterate(v)) {
      const key = get(item);
      if (best !== undefined && !order(name === 'min' ? '<' : '>', key, bestKey)) continue;
      best = item;
      bestKey = key;
    }
    return best === undefined ? host.undefined(undefined, 'No aggregated item, sequence was empty.') : best;
  };
}

const sumSignature = signature('do_sum', 2, 'attribute=', 'start=');

const sum: Filter = (v, args, host) => {
  const [attribute = null, start = 0] = bind(sumSignature, args);
  if (asText(start) !== undefined) throw typeError("sum() can't sum strings [use ''.join(seq) instead]");
  const get = attribute === null ? undefined : attributeGetter(attribute, host);
  let total = start;
  for (const item of iterate(v)) total = binary('+', total, get === undefined ? item : get(item));
  return total;
};

const firstSignature = noneSignature('first');
const lastSignature = noneSignature('last');
const randomSignature = noneSignature('random');

const first: Filter = (v, args, host) => {
  bind(firstSignature, args);
  // Of an iterator this takes one item and leaves the rest.
  for (const item of iterate(v)) return item;
  return host.undefined(undefined, 'No first item, sequence was empty.');
};

const last: Filter = (v, args, host) => {
  bind(lastSignature, args);
  if (Array.isArray(v) && v.length > 0) return v[v.length - 1] as Value;
  const items = v instanceof Undefined ? undefined : reversed(v);
  if (items === undefined) {
    if (v instanceof Undefined) throw v.error();
    throw typeError(`'${slotName(v)}' object is not reversible`);
  }
  for (const item of items) return item;
  return host.undefined(undefined, 'No last item, sequence was empty.');
};

const random: Filter = (v, args, host) => {
  bind(randomSignature, args);
  const size = len(v);
  if (size === 0) return host.undefined(undefined, 'No random item, sequence was empty.');
  const at = Math.floor((host.random ?? Math.random)() * size);
  if (v instanceof Dict && v.get(at) === undefined) throw new PyError('KeyError', String(at));
  return getItem(v, at);
};

const reverse: Filter = (v, args) => {
  bind(noneSignature('reverse'), args);
  const text = asText(v);
  if (text !== undefined) {
    const turned = codePoints(text).reverse().join('');
    return v instanceof Markup ? new Markup(turned) : turned;
  }
  const items = v instanceof Undefined ? [] : reversed(v);
  if (items !== undefined) return new Iter(Array.isArray(v) ? 'list_reverseiterator' : 'reversed', items);
  try {
    return toList(v).reverse();
  } catch (error) {
    if (error instanceof PyError && error.kind === 'TypeError') throw argumentError('argument must be iterable');
    throw error;
  }
};

const sliceSignature = signature('do_slice', 1, 'slices', 'fill_with=');

function* slices(v: Value, count: number, fill: Value): Generator<Value> {
  const items = toList(v);
  if (count === 0) throw new PyError('ZeroDivisionError', 'integer division or modulo by zero');
  const size = Math.floor(items.length / count);
  const extra = items.length % count;
  let from = 0;
  for (let i = 0; i < count; i++) {
    const to = from + size + (i < extra ? 1 : 0);
    const part = items.slice(from, to);
    if (fill !== null && i >= extra) part.push(fill);
    yield part;
    from = to;
  }
}

const batchSignature = signature('do_batch', 1, 'linecount', 'fill_with=');

function* batches(v: Value, size: Value, fill: Value): Generator<Value> {
  let part: Value[] = [];
  const count = index(size) ?? -1;
  for (const item of iterate(v)) {
    if (part.length === count) {
      yield part;
      part = [];
    }
    part.push(item);
  }
  if (part.length === 0) return;
  if (fill !== null) boundItems(needIndex(size));
  if (fill !== null) while (part.length < needIndex(size)) part.push(fill);
  yield part;
}

const groupSignature = signature('do_groupby', 2, 'attribute', 'default=', 'case_sensitive=');

const groupby: Filter = (v, args, host) => {
  const [attribute, fallback, caseSensitive] = bind(groupSignature, args);
  const get = getterOf(attribute, caseSensitive, host, fallback);
  const shown = attributeGetter(attribute, host, fallback);
  const groups: { readonly key: Value; readonly items: Value[] }[] = [];
  for (const item of sorted(iterate(v), get)) {
    const key = get(item);
    const current = groups.at(-1);
    if (current !== undefined && equals(current.key, key)) current.items.push(item);
    else groups.push({ key, items: [item] });
  }
  return groups.map(({ items }) => new Named('_GroupTuple', ['grouper', 'list'], [shown(items[0] as Value), items], false));
};

const dictsortSignature = signature('do_dictsort', 1, 'case_sensitive=', 'by=', 'reverse=');

const dictsort: Filter = (v, args) => {
  const [caseSensitive = false, by = 'key', turned = false] = bind(dictsortSignature, args);
  const at = by === 'key' ? 0 : by === 'value' ? 1 : undefined;
  if (at === undefined) throw argumentError('You can only sort by either "key" or "value"');
  if (!(v instanceof Dict)) {
    if (v instanceof Undefined) throw v.error();
    throw new PyError('AttributeError', `'${slotName(v)}' object has no attribute 'items'`);
  }
  const wantsCase = truthy(caseSensitive);
  const key = (item: Value): Value => {
    const value = (item as Tuple).items[at] as Value;
    return wantsCase ? value : ignoreCase(value);
  };
  return sorted(pairs(v), key, truthy(turned));
};

const items: Filter = (v, args) => {
  bind(noneSignature('items'), args);
  if (v instanceof Undefined) return generator('do_items', []);
  if (!(v instanceof Dict)) throw typeError('Can only get item pairs from a mapping.');
  return generator('do_items', pairs(v));
};

function missing(kind: 'filter' | 'test', name: Value): PyError {
  return new PyError('TemplateRuntimeError', `No ${kind} named ${repr(name)}.`);
}

function without(named: ReadonlyMap<string, Value>, ...names: readonly string[]): Map<string, Value> {
  return new Map([...named].filter(([key]) => !names.includes(key)));
}

function mapper(args: Args, host: FilterHost, site: Site): (item: Value) => Value {
  const { positional, named } = args;
  const attribute = named.get('attribute');
  if (positional.length === 0 && attribute !== undefined) {
    const rest = without(named, 'attribute', 'default');
    for (const key of rest.keys()) throw argumentError(`Unexpected keyword argument ${repr(key)}`);
    return attributeGetter(attribute, host, named.get('default'));
  }
  const name = positional[0];
  if (name === undefined) throw argumentError('map requires a filter argument');
  const filter = host.filter(str(name));
  if (filter === undefined) throw missing('filter', name);
  const inner: Args = { positional: positional.slice(1), named };
  return (item) => filter(item, inner, host, site);
}

const map: Filter = (v, args, host, site) =>
  generator(
    'sync_do_map',
    (function* () {
      if (!truthy(v)) return;
      const change = mapper(args, host, site);
      for (const item of iterate(v)) yield change(item);
    })(),
  );

function chooser(args: Args, host: FilterHost, site: Site, byAttribute: boolean): (item: Value) => boolean {
  let { positional } = args;
  let get = (item: Value): Value => item;
  if (byAttribute) {
    const attribute = positional[0];
    if (attribute === undefined) throw argumentError('Missing parameter for attribute name');
    get = attributeGetter(attribute, host);
    positional = positional.slice(1);
  }
  const name = positional[0];
  if (name === undefined) return (item) => truthy(get(item));
  const test = host.test(str(name));
  if (test === undefined) throw missing('test', name);
  const inner: Args = { positional: positional.slice(1), named: args.named };
  return (item) => test(get(item), inner, host, site);
}

function choosing(name: string, keep: boolean, byAttribute: boolean): Filter {
  return (v, args, host, site) =>
    generator(
      `sync_do_${name}`,
      (function* () {
        if (!truthy(v)) return;
        const chosen = chooser(args, host, site, byAttribute);
        for (const item of iterate(v)) if (chosen(item) === keep) yield item;
      })(),
    );
}

/** The filters about several values. */
export const sequenceFilters: readonly (readonly [string, Filter])[] = [
  ['sort', sort],
  ['unique', unique],
  ['min', extreme('min')],
  ['max', extreme('max')],
  ['sum', sum],
  ['first', first],
  ['last', last],
  ['random', random],
  ['reverse', reverse],
  [
    'slice',
    (v, args) => {
      const [count, fill = null] = bind(sliceSignature, args) as [Value, Value?];
      return generator('sync_do_slice', slices(v, needIndex(count), fill));
    },
  ],
  [
    'batch',
    (v, args) => {
      const [size, fill = null] = bind(batchSignature, args) as [Value, Value?];
      return generator('do_batch', batches(v, size, fill));
    },
  ],
  ['groupby', groupby],
  ['dictsort', dictsort],
  ['items', items],
  ['list', (v, args) => toList(check(noneSignature('list'), args, v))],
  ['map', map],
  ['select', choosing('select', true, false)],
  ['reject', choosing('reject', false, false)],
  ['selectattr', choosing('selectattr', true, true)],
  ['rejectattr', choosing('rejectattr', false, true)],
];
