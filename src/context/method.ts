import { type Args, bind, Callable, type Signature, type Site, type Value } from '../jinja/index.ts';

type Body<S> = (self: S, a: readonly (Value | undefined)[], named: ReadonlyMap<string, Value>, site: Site) => Value;

/** A method of a host object. With a signature, arguments arrive by position; without one, as they were written. */
export function boundMethod<S>(self: S, name: string, sig: Signature | undefined, body: Body<S>): Value {
  return new HostMethod(self, name, sig, body);
}

class HostMethod<S> extends Callable {
  override readonly typeName = 'method';
  private readonly self: S;
  private readonly name: string;
  private readonly sig: Signature | undefined;
  private readonly body: Body<S>;
  constructor(self: S, name: string, sig: Signature | undefined, body: Body<S>) {
    super();
    this.self = self;
    this.name = name;
    this.sig = sig;
    this.body = body;
  }
  call(args: Args, site: Site): Value {
    return this.body(this.self, this.sig ? bind(this.sig, args) : args.positional, args.named, site);
  }
  override repr(): string {
    return `<bound method ${this.name}>`;
  }
}
