import { type Args, Callable, Obj, PyError, type Value } from '../value.ts';
import { Bound, Builtin, bind, positional, signature } from './arguments.ts';
import { needIndex, typeError } from './core.ts';
import { Dict, fromKeys, makeDict } from './dict.ts';
import { Range } from './iterator.ts';
import { lorem } from './lorem.ts';
import { Markup } from './markup.ts';
import { Tuple } from './tuple.ts';

/** The longest range the sandbox allows. */
const MAX_RANGE = 100_000;

function makeRange(args: Args): Range {
  const given = positional(args, 'range', 1, 3).map(needIndex) as [number, number?, number?];
  const [start, stop, step] = given.length === 1 ? [0, given[0], 1] : [given[0], given[1] as number, given[2] ?? 1];
  if (step === 0) throw new PyError('ValueError', 'range() arg 3 must not be zero');
  const range = new Range(start, stop, step);
  if (range.size > MAX_RANGE) throw new PyError('OverflowError', `Range too big. The sandbox blocks ranges larger than MAX_RANGE (${MAX_RANGE}).`);
  return range;
}

/** What `namespace()` makes: attributes that `{% set ns.x = ... %}` may assign. */
export class Namespace extends Obj {
  readonly typeName = 'Namespace';
  readonly values: Dict;
  constructor(values: Dict = new Dict()) {
    super();
    this.values = values;
  }
  override attr(name: string): Value | undefined {
    return this.values.item(name);
  }
  override setAttr(name: string, value: Value): boolean {
    this.values.set(name, value);
    return true;
  }
  override truthy(): boolean {
    return true;
  }
  override module(): string {
    return 'jinja2.utils';
  }
  override repr(around?: readonly Value[]): string {
    return `<Namespace ${this.values.repr(around)}>`;
  }
}

/** What `cycler(...)` makes. */
class Cycler extends Obj {
  readonly typeName = 'Cycler';
  private readonly items: readonly Value[];
  private at = 0;
  constructor(items: readonly Value[]) {
    super();
    this.items = items;
  }
  override truthy(): boolean {
    return true;
  }
  override module(): string {
    return 'jinja2.utils';
  }
  override attr(name: string): Value | undefined {
    switch (name) {
      case 'current':
        return this.items[this.at];
      case 'items':
        return new Tuple(this.items);
      case 'pos':
        return this.at;
      case 'next':
        return new Bound<Cycler>(this, name, (self) => self.next());
      case 'reset':
        return new Bound<Cycler>(this, name, (self) => {
          self.at = 0;
          return null;
        });
      default:
        return undefined;
    }
  }
  private next(): Value {
    const item = this.items[this.at] as Value;
    this.at = (this.at + 1) % this.items.length;
    return item;
  }
}

/** What `joiner(sep)` makes: nothing on the first call, the separator on later ones. */
class Joiner extends Callable {
  override readonly typeName = 'Joiner';
  private readonly separator: Value;
  private used = false;
  constructor(separator: Value) {
    super();
    this.separator = separator;
  }
  override attr(name: string): Value | undefined {
    if (name === 'sep') return this.separator;
    return name === 'used' ? this.used : undefined;
  }
  override call(): Value {
    if (this.used) return this.separator;
    this.used = true;
    return '';
  }
}

/** A builtin type: callable, printed as `<class 'dict'>`. */
class DictType extends Builtin {
  constructor() {
    super('dict', (args) => makeDict(args), 'type');
  }
  override attr(name: string): Value | undefined {
    return name === 'fromkeys' ? new Builtin('fromkeys', fromKeys) : undefined;
  }
}

const joinerSignature = signature('Joiner.__init__', 1, 'sep=');
const loremSignature = signature('generate_lorem_ipsum', 0, 'n=', 'html=', 'min=', 'max=');

function makeLorem(args: Args): Value {
  const [n = 5, html = true, min = 20, max = 100] = bind(loremSignature, args);
  const paragraphs = lorem(needIndex(n), needIndex(min), needIndex(max), Math.random);
  return html === false ? paragraphs.join('\n\n') : new Markup(paragraphs.map((p) => `<p>${p}</p>`).join('\n'));
}

function makeCycler(args: Args): Value {
  if (args.named.size > 0) throw typeError(`Cycler.__init__() got an unexpected keyword argument '${[...args.named.keys()][0]}'`);
  if (args.positional.length === 0) throw new PyError('RuntimeError', 'at least one item has to be provided');
  return new Cycler(args.positional);
}

/** Jinja's builtin globals. */
export const globals: ReadonlyMap<string, Value> = new Map<string, Value>([
  ['range', new Builtin('safe_range', makeRange, 'function')],
  ['dict', new DictType()],
  ['lipsum', new Builtin('generate_lorem_ipsum', makeLorem, 'function')],
  ['cycler', new Builtin('jinja2.utils.Cycler', makeCycler, 'type')],
  ['joiner', new Builtin('jinja2.utils.Joiner', (args) => new Joiner(bind(joinerSignature, args)[0] ?? ', '), 'type')],
  ['namespace', new Builtin('jinja2.utils.Namespace', (args) => new Namespace(makeDict(args)), 'type')],
]);
