import { type Ast, differs } from './ast.ts';

/** The types that both engines have. `hugeint`: a whole number whose type in Postgres depends on where it comes from. */
export type Type = 'integer' | 'hugeint' | 'decimal' | 'double' | 'text' | 'boolean' | 'date' | 'timestamp' | 'interval' | 'null';

/** An expression. `constant`: what is written, where it is a constant; a text that is a constant takes whatever type it meets. */
export interface Typed {
  readonly type: Type;
  readonly constant?: string;
}

/** A column that a query gives. `name`: in lower case; undefined where each engine has one of its own for it. */
export interface Output {
  readonly name: string | undefined;
  readonly type: Type;
}

const TYPES: Readonly<Record<string, Type>> = {
  SMALLINT: 'integer',
  INTEGER: 'integer',
  BIGINT: 'integer',
  HUGEINT: 'hugeint',
  DECIMAL: 'decimal',
  DOUBLE: 'double',
  VARCHAR: 'text',
  BOOLEAN: 'boolean',
  DATE: 'date',
  TIMESTAMP: 'timestamp',
  INTERVAL: 'interval',
  NULL: 'null',
};

/** The type that DuckDB calls so (`DECIMAL(9,2)`); undefined where Postgres has none like it. */
export function typeNamed(name: string): Type | undefined {
  return TYPES[name.replace(/\(.*\)$/, '')];
}

/** What to call a type of DuckDB so that Postgres knows it too: fixtures are cast to it. */
export function sharedName(name: string): string {
  return name === 'HUGEINT' ? 'numeric(38, 0)' : name === 'DOUBLE' ? 'double precision' : name;
}

/** Whether a type of Postgres, as people declare it, is one of these in DuckDB too. */
export function isShared(name: string): boolean {
  return SHARED.test(name.trim());
}

const SHARED =
  /^(smallint|int[248]?|integer|bigint|text|(varchar|character varying)( *\(\d+\))?|bool(ean)?|date|timestamp( without time zone)?|double precision|float8|(numeric|decimal)( *\( *\d+( *, *\d+)? *\))?)$/i;

const isLiteral = (e: Typed): boolean => e.type === 'text' && e.constant !== undefined;

/** The type that expressions have in common where a query brings them together. */
export function common(all: readonly Typed[], what: string): Type {
  const firm = all.filter((e) => e.type !== 'null' && !isLiteral(e));
  const type = firm.reduce<Type | undefined>((a, e) => (a === undefined ? e.type : both(a, e, firm, what)), undefined);
  if (type === undefined) return all.some(isLiteral) ? 'text' : 'null';
  for (const e of all) if (isLiteral(e) && type !== 'text') checkLiteral(e.constant as string, type);
  return type;
}

/** The same for what a query computes of them: of nothing but nulls Postgres makes a text, and DuckDB a number. */
export function computed(all: readonly Typed[], what: string): Type {
  const type = common(all, what);
  return type === 'null' ? differs(`${what} of nothing but NULL`) : type;
}

function both(a: Type, e: Typed, all: readonly Typed[], what: string): Type {
  const b = e.type;
  if (a === b) return a;
  const pair = new Set([a, b]);
  const are = (...types: readonly Type[]): boolean => types.every((t) => pair.has(t));
  if (are('integer', 'hugeint')) return 'hugeint';
  if (are('integer', 'decimal') || are('hugeint', 'decimal')) return 'decimal';
  if (are('integer', 'double')) return 'double';
  // A constant has the same value as either.
  if (are('decimal', 'double') && all.every((x) => x.type !== 'decimal' || x.constant !== undefined)) return 'double';
  if (are('date', 'timestamp')) return 'timestamp';
  return differs(`${what} of ${a} and ${b}`);
}

const LITERALS: Readonly<Partial<Record<Type, RegExp>>> = {
  integer: /^-?\d{1,18}$/,
  hugeint: /^-?\d{1,18}$/,
  double: /^-?\d+(\.\d+)?$/,
  boolean: /^(true|false|t|f)$/,
  date: /^\d{4}-\d\d-\d\d$/,
  timestamp: /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{1,6})?$/,
  interval: /^-?\d+ (day|week|month|year|hour|minute|second)s?$/,
};

/** Makes sure that both engines read a text as the same value of a type. */
function checkLiteral(text: string, type: Type, scale?: number): void {
  const decimals = type === 'decimal' ? /^-?\d{1,15}(?:\.(\d+))?$/.exec(text) : undefined;
  const fits = decimals ? (decimals[1] ?? '').replace(/0+$/, '').length <= (scale ?? 0) : LITERALS[type]?.test(text);
  if (!fits) differs(`'${text}' as ${type}`);
}

/** What of a value's type may be cast to what, with the same value on both. */
const CASTS: Readonly<Record<Type, readonly Type[]>> = {
  integer: ['integer', 'hugeint', 'decimal', 'double', 'text'],
  hugeint: ['integer', 'hugeint', 'text'],
  decimal: ['decimal', 'double'],
  double: ['double'],
  text: ['text'],
  boolean: ['boolean', 'text'],
  date: ['date', 'timestamp'],
  timestamp: ['timestamp', 'date'],
  interval: ['interval'],
  null: ['integer', 'hugeint', 'decimal', 'double', 'text', 'boolean', 'date', 'timestamp', 'interval', 'null'],
};

/** The type of a cast. `to`: `cast_type` of the tree. */
export function castTo(from: Typed, to: Ast): Typed {
  const type = TYPES[String(to['id'])] ?? differs(`the type ${String(to['id'])}`);
  const scale = (to['type_info'] as { readonly scale?: number } | null)?.scale;
  if (from.type === 'null' || (from.type === 'text' && type === 'text')) return { type };
  if (from.constant !== undefined && type !== 'text') checkLiteral(plain(from.constant), type, scale);
  else if (!CASTS[from.type].includes(type)) differs(`a cast of ${from.type} to ${type}`);
  return { type };
}

/** `2.50` -> `2.5`, `3.0` -> `3`: what a number is, however it is written. */
const plain = (number: string): string => (/^-?\d+\.\d+$/.test(number) ? number.replace(/\.?0+$/, '') : number);

/** A constant of the tree. */
export function constant(value: Ast): Typed {
  if (value['is_null'] === true) return { type: 'null' };
  const { id, type_info } = value['type'] as { readonly id: string; readonly type_info: { readonly scale?: number } | null };
  const type = typeNamed(id);
  const it = value['value'];
  if (type === 'boolean') return { type };
  if (type === 'text') return { type, constant: String(it) };
  if (type === 'integer' && Number.isSafeInteger(it)) return { type, constant: String(it) };
  if (type === 'decimal' && Number.isSafeInteger(it)) return { type, constant: decimalText(it as number, type_info?.scale ?? 0) };
  return differs(`a constant of type ${id}`);
}

function decimalText(unscaled: number, scale: number): string {
  const digits = String(Math.abs(unscaled)).padStart(scale + 1, '0');
  return `${unscaled < 0 ? '-' : ''}${digits.slice(0, digits.length - scale)}${scale > 0 ? `.${digits.slice(-scale)}` : ''}`;
}
