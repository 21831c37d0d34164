import { equals, iterate, length, type Undefined } from './python/index.ts';
import { type Args, Callable, Native, Obj, type Program, PyError, type Site, type Value } from './value.ts';

/** The missing item before the first and after the last. */
export type Missing = (hint: string) => Undefined;

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
  private iterator: Iterator<Value>;
  private ahead: IteratorResult<Value> | undefined;
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
    this.iterator = filtered ? items : iterate(items)[Symbol.iterator]();
    this.missing = missing;
    this.recurse = recurse;
    this.depth0 = depth0;
  }

  /** Moves to the next item; false at the end. */
  advance(): boolean {
    const next = this.ahead ?? this.iterator.next();
    this.ahead = undefined;
    if (next.done === true) {
      this.ahead = next;
      return false;
    }
    this.index0++;
    this.previous = this.current;
    this.current = next.value;
    return true;
  }

  get now(): Value {
    return this.current as Value;
  }

  private peek(): IteratorResult<Value> {
    this.ahead ??= this.iterator.next();
    return this.ahead;
  }

  override length(): number {
    if (this.size === undefined) {
      const known = this.items === undefined ? undefined : length(this.items);
      if (known !== undefined) this.size = known;
      else {
        const rest: Value[] = [];
        for (let next = this.iterator.next(); next.done !== true; next = this.iterator.next()) rest.push(next.value);
        this.iterator = rest[Symbol.iterator]();
        this.size = rest.length + this.index0 + 1 + (this.ahead !== undefined && this.ahead.done !== true ? 1 : 0);
      }
    }
    return this.size;
  }

  override attr(name: string): Value | undefined {
    switch (name) {
      case 'index':
        return this.index0 + 1;
      case 'index0':
        return this.index0;
      case 'revindex':
        return this.length() - this.index0;
      case 'revindex0':
        return this.length() - this.index0 - 1;
      case 'first':
        return this.index0 === 0;
      case 'last':
        return this.peek().done === true;
      case 'length':
        return this.length();
      case 'depth':
        return this.depth0 + 1;
      case 'depth0':
        return this.depth0;
      case 'previtem':
        return this.previous === undefined || this.index0 === 0 ? this.missing('there is no previous item') : this.previous;
      case 'nextitem': {
        const next = this.peek();
        return next.done === true ? this.missing('there is no next item') : next.value;
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
