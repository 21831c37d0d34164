import { type BinaryOp, Obj, type OrderOp, type Value } from '../value.ts';
import { index, isInt, repr, str, valueError } from './core.ts';
import { ordered } from './float.ts';
import { percent } from './percent.ts';
import { codeLength, codePoints, compareText, quote } from './text.ts';

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', "'": '&#39;', '"': '&#34;' };

/** Escapes text for HTML as markupsafe does. */
export function escapeText(text: string): string {
  return /[&<>'"]/.test(text) ? text.replace(/[&<>'"]/g, (ch) => entities[ch] as string) : text;
}

/** `markupsafe.Markup`: text that is safe in HTML; a str in all other respects. */
export class Markup extends Obj {
  readonly typeName = 'Markup';
  readonly text: string;
  constructor(text: string) {
    super();
    this.text = text;
  }
  override str(): string {
    return this.text;
  }
  override repr(): string {
    return `Markup(${quote(this.text)})`;
  }
  override module(): string {
    return 'markupsafe';
  }
  override length(): number {
    return codeLength(this.text);
  }
  override iterate(): Iterable<Value> {
    return this.text;
  }
  override reverse(): Iterable<Value> {
    return codePoints(this.text).reverse();
  }
  override item(key: Value): Value | undefined {
    const i = index(key);
    if (i === undefined) return undefined;
    const ch = codePoints(this.text).at(i);
    return ch === undefined ? undefined : new Markup(ch);
  }
  override equals(other: Value): boolean {
    return this.text === asText(other);
  }
  override hashKey(): unknown {
    return this.text.charCodeAt(0) === 0 ? `\0s${this.text}` : this.text;
  }
  override order(op: OrderOp, other: Value): boolean | undefined {
    const text = asText(other);
    return text === undefined ? undefined : ordered(op, compareText(this.text, text), 0);
  }
  override operate(op: BinaryOp, other: Value, reflected: boolean): Value | undefined {
    if (op === '+' && (typeof other === 'string' || other instanceof Markup)) {
      const text = escapeHtml(other).text;
      return new Markup(reflected ? text + this.text : this.text + text);
    }
    if (op === '*' && isInt(other)) return new Markup(this.text.repeat(Math.max(0, index(other) as number)));
    if (op !== '%') return undefined;
    if (reflected) return undefined;
    return new Markup(percent(this.text, other, { str: (v) => escapeHtml(v).text, repr: (v) => escapeText(repr(v)) }));
  }
  override format(spec: string): string {
    if (spec !== '') throw valueError('Unsupported format specification for Markup.');
    return this.text;
  }
}

/** `markupsafe.escapeHtml(v)`. */
export function escapeHtml(v: Value): Markup {
  return v instanceof Markup ? v : new Markup(escapeText(str(v)));
}

/** The text of a str (Markup is one), or undefined. */
export function asText(v: Value | undefined): string | undefined {
  if (typeof v === 'string') return v;
  return v instanceof Markup ? v.text : undefined;
}
