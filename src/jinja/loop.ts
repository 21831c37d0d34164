import { equals, iterate, length, type Undefined } from './python/index.ts';
import { type Args, Callable, Native, Obj, type Program, PyError, type Site, type Value } from './value.ts';

/** Makes the missing item before the first and after the last. */
export interface Missing {
  undefined(name: undefined, hint: string): Undefined;
}

/** What a recursive loop does when it is called: renders its body over other items, one level deeper. */
export interface Recurse {
  call(items: Value, depth: number, site: Site): Value;
  /** Absent in the plain form of the loop. */
  program?(items: Value, depth: number, site: Site): Program;
}

/** The `loop` object. It is also the loop's iterator: it reads one item ahead only when asked for `last` or `nextitem`. */
export class Loop extends Callable {
  override readonly typeName = 'LoopContext';
  index0 = -1;
  private readonly items: Value | undefined;
  /** What is gone through: a list by its index (it may grow meanwhile), anything else by its iterator. */
  private list: readonly Value[] | undefined;
  private at = 0;
  private readonly iterator: Iterator<Value> | undefined;
  private ended = false;
  private ahead: Value | undefined;
  private current: Value | undefined;
  private previous: Value | undefined;
  private size: number | undefined;
  private changedLast: readonly Value[] | undefined;
  private readonly missing: Missing;
  private readonly recurse: Recurse | undefined;
  private readonly depth0: number;

  /** `items` is what the template loops over, or an iterator of it after the loop's own filter. */
  constructor(items: Value | Iterator<Value>, missing: Missing, recurse: Recurse | undefined, depth0: number) {
    super();
    const filtered = typeof items === 'object' && items !== null && !Array.isArray(items) && !(items instanceof Obj);
    this.items = filtered ? undefined : items;
    const source = filtered ? items : iterate(items);
    this.list = Array.isArray(source) ? source : undefined;
    this.iterator = filtered ? items : Array.isArray(source) ? undefined : (source as Iterable<Value>)[Symbol.iterator]();
    this.missing = missing;
    this.recurse = recurse;
    this.depth0 = depth0;
  }

  /** Moves to the next item; false at the end. */
  advance(): boolean {
    const next = this.peek();
    this.ahead = undefined;
    if (next === undefined) return false;
    this.index0++;
    this.previous = this.current;
    this.current = next;
    return true;
  }

  get now(): Value {
    return this.current as Value;
  }

  /** The item after this one, or undefined at the end; whoever was told of the end once is told so again. */
  private peek(): Value | undefined {
    if (this.ahead === undefined && !this.ended) {
      this.ahead = this.pull();
      this.ended = this.ahead === undefined;
    }
    return this.ahead;
  }

  private pull(): Value | undefined {
    const { list } = this;
    if (list !== undefined) return this.at < list.length ? list[this.at++] : undefined;
    const next = this.iterator?.next();
    return next?.done === false ? next.value : undefined;
  }

  override length(): number {
    if (this.size === undefined) {
      const known = this.items === undefined ? undefined : length(this.items);
      if (known !== undefined) this.size = known;
      else {
        const rest: Value[] = [];
        for (let next = this.pull(); next !== undefined; next = this.pull()) rest.push(next);
        this.list = rest;
        this.at = 0;
        this.size = rest.length + this.index0 + 1 + (this.ahead === undefined ? 0 : 1);
      }
    }
    return this.size;
  }

  override attr(name: string): Value | undefined {
    // The most used first: names are compared one by one.
    switch (name) {
      case 'last':
        return this.peek() === undefined;
      case 'first':
        return this.index0 === 0;
      case 'index':
        return this.index0 + 1;
      case 'index0':
        return this.index0;
      case 'revindex':
        return this.length() - this.index0;
      case 'revindex0':
        return this.length() - this.index0 - 1;
      case 'length':
        return this.length();
      case 'depth':
        return this.depth0 + 1;
      case 'depth0':
        return this.depth0;
      case 'previtem':
        return this.previous === undefined || this.index0 === 0 ? this.missing.undefined(undefined, 'there is no previous item') : this.previous;
      case 'nextitem': {
        const next = this.peek();
        return next === undefined ? this.missing.undefined(undefined, 'there is no next item') : next;
      }
      case 'cycle':
        return new Native('cycle', (args) => this.cycle(args));
      case 'changed':
        return new Native('changed', (args) => this.changed(args));
      default:
        return undefined;
    }
  }

  private cycle(args: Args): Value {
    const { positional } = args;
    if (positional.length === 0) throw new PyError('TypeError', 'no items for cycling given');
    return positional[this.index0 % positional.length] as Value;
  }

  private changed(args: Args): boolean {
    const before = this.changedLast;
    if (before !== undefined && before.length === args.positional.length && before.every((v, i) => equals(v, args.positional[i] as Value))) return false;
    this.changedLast = args.positional;
    return true;
  }

  override call(args: Args, site: Site): Value {
    return this.recursion(args).call(args.positional[0] as Value, this.depth0 + 1, site);
  }

  override *program(args: Args, site: Site): Program {
    const recurse = this.recursion(args);
    const items = args.positional[0] as Value;
    return recurse.program === undefined ? recurse.call(items, this.depth0 + 1, site) : yield* recurse.program(items, this.depth0 + 1, site);
  }

  private recursion(args: Args): Recurse {
    if (this.recurse === undefined) throw new PyError('TypeError', "The loop must have the 'recursive' marker to be called recursively.");
    if (args.positional.length !== 1) throw new PyError('TypeError', 'loop() takes the items to loop over');
    return this.recurse;
  }

  override iterate(): undefined {
    return undefined;
  }

  override module(): string {
    return 'jinja2.runtime';
  }

  override repr(): string {
    return `<LoopContext ${this.index0 + 1}/${this.length()}>`;
  }
}
