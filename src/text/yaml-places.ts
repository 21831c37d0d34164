import { YamlProblem } from './yaml-problem.ts';
import { keyText } from './yaml-resolve.ts';
import { isMap, type Yaml, type YamlMap, yamlMap } from './yaml-value.ts';

/**
 * Where the collections of a document are. `places` leads from a collection to an index of `table`: its start, its end, the number of its entries,
 * then for each item of a sequence start and end, for each entry of a mapping key start, key end, value start, value end. The entries are in the
 * order of `Object.keys`, except for the mappings that `keys` lists.
 */
export interface Marks {
  readonly table: Int32Array;
  readonly places: ReadonlyMap<object, number>;
  readonly keys: ReadonlyMap<object, readonly string[]>;
}

/** A key that a mapping has twice: where it stood first and where it stands again. */
export interface Duplicate {
  readonly key: string;
  readonly first: number;
  readonly again: number;
  readonly end: number;
}

/** Gathers where things are while a document is read. */
export class Places {
  readonly duplicates: Duplicate[] = [];
  /** The entries of the collections being read, innermost last; a collection that is done moves its own to the table. */
  readonly entries: number[] = [];
  private readonly places = new Map<object, number>();
  private readonly keys = new Map<object, readonly string[]>();
  private readonly table: number[] = [];

  /** The places of all collections read. */
  marks(): Marks {
    return { table: Int32Array.from(this.table), places: this.places, keys: this.keys };
  }

  /** Notes a collection that is done, whose entries start at `base`. */
  done(collection: object, start: number, end: number, base: number, size: 2 | 4, keys?: readonly string[]): void {
    const { table, entries } = this;
    this.places.set(collection, table.length);
    table.push(start, end, (entries.length - base) / size);
    for (let i = base; i < entries.length; i++) table.push(entries[i] ?? 0);
    entries.length = base;
    if (keys) this.keys.set(collection, keys);
  }
}

/** Gathers the entries of one mapping: keys as text, duplicates noted, `<<` merged in front as PyYAML does. */
export class MapBuilder {
  private readonly places: Places;
  private readonly start: number;
  private readonly base: number;
  private readonly map = yamlMap();
  /** The keys in the order of the entries, kept only once it is not the order of `Object.keys`: after a duplicate, or a key like an array index. */
  private keys: string[] | undefined;
  private merged: { readonly from: YamlMap; readonly at: readonly [number, number, number, number] }[] | undefined;
  private override = false;

  constructor(places: Places, start: number) {
    this.places = places;
    this.start = start;
    this.base = places.entries.length;
  }

  add(key: Yaml, merge: boolean, value: Yaml, keyStart: number, keyEnd: number, valueStart: number, valueEnd: number): void {
    const { map } = this;
    const { entries } = this.places;
    if (merge) {
      if (entries.length === this.base) this.override = true;
      this.merge(value, [keyStart, keyEnd, valueStart, valueEnd]);
      return;
    }
    if (Array.isArray(key) || isMap(key)) throw new YamlProblem(`a ${Array.isArray(key) ? 'list' : 'mapping'} cannot be a key`, keyStart, keyEnd, 'template');
    const name = typeof key === 'string' ? key : keyText(key);
    const digit = name.charCodeAt(0) - 48;
    if (name in map) {
      this.keys ??= Object.keys(map);
      const first = entries[this.base + this.keys.lastIndexOf(name) * 4] ?? keyStart;
      if (!this.override) this.places.duplicates.push({ key: name, first, again: keyStart, end: keyEnd });
    } else if (digit >= 0 && digit <= 9) this.keys ??= Object.keys(map);
    this.keys?.push(name);
    map[name] = value;
    entries.push(keyStart, keyEnd, valueStart, valueEnd > valueStart ? valueEnd : valueStart);
  }

  private merge(value: Yaml, at: readonly [number, number, number, number]): void {
    const sources = Array.isArray(value) ? [...value].reverse() : [value];
    this.merged ??= [];
    for (const from of sources) {
      if (!isMap(from)) throw new YamlProblem('`<<` needs a mapping or a list of mappings', at[2], at[3], 'merge');
      this.merged.push({ from, at });
    }
  }

  done(end: number): YamlMap {
    const { merged, map, places, start, base } = this;
    if (!merged) {
      places.done(map, start, end, base, 4, this.keys);
      return map;
    }
    const whole = yamlMap();
    const keys = this.keys ?? Object.keys(map);
    for (const { from, at } of merged) {
      for (const key of Object.keys(from)) {
        whole[key] = from[key] as Yaml;
        // Own keys come last, so that looking for the last entry of a key finds them first.
        keys.unshift(key);
        places.entries.splice(base, 0, ...at);
      }
    }
    for (const key of Object.keys(map)) whole[key] = map[key] as Yaml;
    places.done(whole, start, end, base, 4, keys);
    return whole;
  }
}
