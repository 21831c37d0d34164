import { PyError, type Value } from '../value.ts';
import { repr, str, valueError } from './core.ts';
import { ascii } from './percent.ts';
import { format } from './spec.ts';

/** What `str.format` needs of its surroundings: sandboxed attribute and item access, and how a field is printed (Markup escapes). */
export interface FormatAccess {
  attr(v: Value, name: string): Value;
  item(v: Value, key: Value): Value;
  show?(v: Value, spec: string): string;
}

/** Where the fields come from: positional values, and a lookup by name that raises KeyError. */
export interface FormatValues {
  readonly positional: readonly Value[];
  named(name: string): Value;
}

interface Numbering {
  next: number;
  mode: 'unset' | 'auto' | 'manual';
}

/** `template.format(...)`. */
export function formatFields(template: string, values: FormatValues, access: FormatAccess): string {
  return expand(template, values, access, { next: 0, mode: 'unset' }, 2);
}

function expand(template: string, values: FormatValues, access: FormatAccess, numbering: Numbering, depth: number): string {
  if (depth < 0) throw valueError('Max string recursion exceeded');
  let out = '';
  let at = 0;
  while (at < template.length) {
    const ch = template[at] as string;
    if (ch !== '{' && ch !== '}') {
      const next = template.slice(at).search(/[{}]/);
      out += next < 0 ? template.slice(at) : template.slice(at, at + next);
      at = next < 0 ? template.length : at + next;
    } else if (template[at + 1] === ch) {
      out += ch;
      at += 2;
    } else if (ch === '}') {
      throw valueError("Single '}' encountered in format string");
    } else {
      const end = fieldEnd(template, at + 1);
      out += field(template.slice(at + 1, end), values, access, numbering, depth);
      at = end + 1;
    }
  }
  return out;
}

function fieldEnd(template: string, from: number): number {
  if (from >= template.length) throw valueError("Single '{' encountered in format string");
  let nested = 1;
  let bracket = false;
  for (let i = from; i < template.length; i++) {
    const ch = template[i];
    // Braces within [..] of the field name are plain characters.
    if (ch === '[' && nested === 1) bracket = true;
    else if (ch === ']') bracket = false;
    if (bracket) continue;
    if (ch === '{') nested++;
    else if (ch === '}' && --nested === 0) return i;
  }
  throw valueError("expected '}' before end of string");
}

function field(body: string, values: FormatValues, access: FormatAccess, numbering: Numbering, depth: number): string {
  const m = /^((?:[^[:!]|\[[^\]]*\]?)*)(?:!([\s\S]?)([\s\S]*?))?(?::([\s\S]*))?$/u.exec(body);
  if (m === null) throw valueError("expected ':' after conversion specifier");
  const [, name = '', conversion, junk = '', rawSpec = ''] = m;
  if (conversion === '') throw valueError('end of string while looking for conversion specifier');
  if (junk !== '') throw valueError("expected ':' after conversion specifier");
  const value = convert(resolve(name, values, access, numbering), conversion);
  const spec = rawSpec === '' ? '' : expand(rawSpec, values, access, numbering, depth - 1);
  return access.show === undefined ? format(value, spec) : access.show(value, spec);
}

function convert(value: Value, conversion: string | undefined): Value {
  switch (conversion) {
    case undefined:
      return value;
    case 's':
      return str(value);
    case 'r':
      return repr(value);
    case 'a':
      return ascii(repr(value));
    default:
      throw valueError(`Unknown conversion specifier ${conversion}`);
  }
}

function resolve(name: string, values: FormatValues, access: FormatAccess, numbering: Numbering): Value {
  const head = /^[^.[]*/.exec(name)?.[0] ?? '';
  let value = first(head, values, numbering);
  let rest = name.slice(head.length);
  while (rest !== '') {
    const step = /^(?:\.([^.[]*)|\[([^\]]*)\])/.exec(rest);
    if (step === null) throw valueError(rest.startsWith('[') ? "Missing ']' in format string" : "Only '.' or '[' may follow ']' in format field specifier");
    const part = step[1] ?? (step[2] as string);
    if (part === '') throw valueError('Empty attribute in format string');
    value = step[1] !== undefined ? access.attr(value, part) : access.item(value, /^\d+$/.test(part) ? Number(part) : part);
    rest = rest.slice(step[0].length);
  }
  return value;
}

function first(head: string, values: FormatValues, numbering: Numbering): Value {
  if (head !== '' && !/^\d+$/.test(head)) return values.named(head);
  const mode = head === '' ? 'auto' : 'manual';
  if (numbering.mode !== 'unset' && numbering.mode !== mode) {
    // The sandbox's formatter has this one message for both orders.
    throw valueError('cannot switch from manual field specification to automatic field numbering');
  }
  numbering.mode = mode;
  const at = head === '' ? numbering.next++ : Number(head);
  const value = values.positional[at];
  if (value === undefined) throw new PyError('IndexError', 'tuple index out of range');
  return value;
}
