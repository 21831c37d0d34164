import { type Args, bind, Callable, equals, Obj, PyError, repr, type Signature, signature, str, type Value } from '../jinja/index.ts';
import type { Column, Dialect } from '../sql/index.ts';
import { boundMethod } from './method.ts';

const texts: ReadonlySet<string> = new Set(['text', 'character varying', 'character', 'varchar']);
const numerics: ReadonlySet<string> = new Set(['numeric', 'decimal']);

/** What type names mean in an engine: dbt's rules for columns, which differ by adapter. */
interface Types {
  readonly className: string;
  readonly floats: ReadonlySet<string>;
  readonly integers: ReadonlySet<string>;
  /** Text types keep their name where there is no size. */
  readonly bareText: boolean;
}

const standard: Types = {
  className: 'Column',
  floats: new Set(['real', 'float4', 'float', 'double precision', 'float8', 'double']),
  integers: new Set(['smallint', 'integer', 'bigint', 'smallserial', 'serial', 'bigserial', 'int2', 'int4', 'int8', 'serial2', 'serial4', 'serial8']),
  bareText: false,
};
const byDialect: ReadonlyMap<string, Types> = new Map<string, Types>([
  ['postgres', { ...standard, className: 'PostgresColumn', bareText: true }],
  [
    'duckdb',
    {
      className: 'DuckDBColumn',
      floats: new Set(['real', 'float', 'float4', 'float8', 'double']),
      integers: new Set('tinyint smallint integer bigint hugeint utinyint usmallint uinteger ubigint int1 int2 int4 int8 short int signed long'.split(' ')),
      bareText: false,
    },
  ],
]);

function typesOf(dialect: Dialect): Types {
  return byDialect.get(dialect.name) ?? standard;
}

/** A column as templates see it (`api.Column`): a name and a type, with the sizes where the engine tells them apart. */
export class ColumnObj extends Obj {
  readonly typeName: string;
  readonly dialect: Dialect;
  readonly name: string;
  readonly dtype: string;
  readonly charSize: Value;
  readonly precision: Value;
  readonly scale: Value;

  constructor(dialect: Dialect, name: string, dtype: string, charSize: Value = null, precision: Value = null, scale: Value = null) {
    super();
    this.typeName = typesOf(dialect).className;
    this.dialect = dialect;
    this.name = name;
    this.dtype = dtype;
    this.charSize = charSize;
    this.precision = precision;
    this.scale = scale;
  }
  get isString(): boolean {
    return texts.has(this.dtype.toLowerCase());
  }
  get isNumeric(): boolean {
    return numerics.has(this.dtype.toLowerCase());
  }
  get isFloat(): boolean {
    return typesOf(this.dialect).floats.has(this.dtype.toLowerCase());
  }
  get isInteger(): boolean {
    return typesOf(this.dialect).integers.has(this.dtype.toLowerCase());
  }
  get isStruct(): boolean {
    return this.dtype.toLowerCase().startsWith('struct');
  }
  /** Characters the column holds, 256 where nobody says; raises for other types. */
  stringSize(): number {
    if (!this.isString) throw new PyError('DbtRuntimeError', 'Called string_size() on non-string field!');
    return this.dtype === 'text' || this.charSize === null ? 256 : Number(str(this.charSize));
  }
  /** The type for DDL. */
  dataType(): string {
    const lower = this.dtype.toLowerCase();
    if (typesOf(this.dialect).bareText && (lower === 'text' || (lower === 'character varying' && this.charSize === null))) return this.dtype;
    if (this.isString) return stringType(this.stringSize());
    return this.isNumeric ? numericType(this.dtype, this.precision, this.scale) : this.dtype;
  }
  /** The fields of a struct with dotted names, nested ones included; other columns as they are. */
  flatten(): ColumnObj[] {
    if (!this.isStruct) return [this];
    return this.fields().flatMap((f) => f.flatten().map((leaf) => new ColumnObj(this.dialect, `${this.name}.${leaf.name}`, leaf.dtype)));
  }
  fields(): ColumnObj[] {
    return structFields(this.dtype).map(([name, type]) => new ColumnObj(this.dialect, name, type));
  }
  override truthy(): boolean {
    return true;
  }
  override attr(name: string): Value | undefined {
    const property = properties.get(name);
    if (property) return property(this);
    const found = methods.get(name);
    return found ? boundMethod<ColumnObj>(this, name, found.sig, found.body) : classAttr(this.dialect, name);
  }
  override equals(other: Value): boolean {
    if (!(other instanceof ColumnObj) || other.typeName !== this.typeName) return false;
    return [...properties].every(([name, get]) => !fieldNames.includes(name) || equals(get(this), get(other)));
  }
  override hashKey(): undefined {
    return undefined;
  }
  override record(): readonly (readonly [string, Value])[] {
    const shown = fieldNames.map((name): readonly [string, Value] => [name, properties.get(name)?.(this) ?? null]);
    return this.dialect.name === 'duckdb' ? [...shown, ['fields', this.fields()]] : shown;
  }
  override repr(): string {
    return `${this.typeName}(${this.record()
      .map(([name, value]) => `${name}=${repr(value)}`)
      .join(', ')})`;
  }
}

/** An existing relation's column as a template value. */
export function columnValue(dialect: Dialect, column: Column): Value {
  return columnOf(dialect, column);
}

const SIZED = /^(character varying|character|varchar|bpchar|numeric|decimal)\s*\((\d+)(?:,\s*(\d+))?\)$/i;

/** dbt-postgres has sizes apart from the name of the type; dbt-duckdb leaves them in. */
function columnOf(dialect: Dialect, { name, dataType }: Column): ColumnObj {
  const [, type, size, scale] = (dialect.name === 'postgres' && SIZED.exec(dataType)) || [];
  if (type === undefined) return new ColumnObj(dialect, name, dataType);
  if (texts.has(type.toLowerCase()) || type === 'bpchar') return new ColumnObj(dialect, name, type, Number(size));
  return new ColumnObj(dialect, name, type, null, Number(size), Number(scale ?? 0));
}

/** A column's type as dbt spells it in casts: a text without a size gets one, as `api.Column` has it. */
export function castType(dialect: Dialect, column: Column): string {
  return columnOf(dialect, column).dataType();
}

/** `api.Column` of a dialect. */
export function columnClass(dialect: Dialect): Value {
  return new ColumnClass(dialect);
}

class ColumnClass extends Callable {
  override readonly typeName = 'type';
  private readonly dialect: Dialect;
  constructor(dialect: Dialect) {
    super();
    this.dialect = dialect;
  }
  override attr(name: string): Value | undefined {
    return classAttr(this.dialect, name);
  }
  override repr(): string {
    return `<class '${typesOf(this.dialect).className}'>`;
  }
  call(args: Args): Value {
    const sig = signature(typesOf(this.dialect).className, 1, 'column', 'dtype', 'char_size=', 'numeric_precision=', 'numeric_scale=', 'fields=');
    const [name, dtype, size, precision, scale] = bind(sig, args);
    return new ColumnObj(this.dialect, str(name as Value), str(dtype as Value), size, precision, scale);
  }
}

interface Method<S> {
  readonly sig: Signature;
  readonly body: (self: S, a: readonly (Value | undefined)[]) => Value;
}

function method<S>(name: string, names: readonly string[], body: Method<S>['body']): [string, Method<S>] {
  return [name, { sig: signature(name, 1, ...names), body }];
}

const fieldNames: readonly string[] = ['column', 'dtype', 'char_size', 'numeric_precision', 'numeric_scale'];

const properties: ReadonlyMap<string, (self: ColumnObj) => Value> = new Map<string, (self: ColumnObj) => Value>([
  ['column', (self) => self.name],
  ['dtype', (self) => self.dtype],
  ['char_size', (self) => self.charSize],
  ['numeric_precision', (self) => self.precision],
  ['numeric_scale', (self) => self.scale],
  ['name', (self) => self.name],
  ['quoted', (self) => self.dialect.quote(self.name)],
  ['data_type', (self) => self.dataType()],
  ['expanded_data_type', (self) => self.dataType()],
  ['fields', (self) => self.fields()],
]);

const methods: ReadonlyMap<string, Method<ColumnObj>> = new Map<string, Method<ColumnObj>>([
  method('is_string', [], (self) => self.isString),
  method('is_number', [], (self) => self.isInteger || self.isNumeric || self.isFloat),
  method('is_float', [], (self) => self.isFloat),
  method('is_integer', [], (self) => self.isInteger),
  method('is_numeric', [], (self) => self.isNumeric),
  method('is_struct', [], (self) => self.isStruct),
  method('string_size', [], (self) => self.stringSize()),
  method('flatten', [], (self) => self.flatten()),
  method('literal', ['value'], (self, [value]) => `${str(value as Value)}::${self.dataType()}`),
  method('can_expand_to', ['other_column'], (self, [other]) => {
    if (!(other instanceof ColumnObj)) throw new PyError('TypeError', 'can_expand_to() needs a column');
    return self.isString && other.isString && other.stringSize() > self.stringSize();
  }),
]);

const classMethods: ReadonlyMap<string, Method<Dialect>> = new Map<string, Method<Dialect>>([
  method('translate_type', ['dtype'], (dialect, [type]) => dialect.typeOf(str(type as Value))),
  method('create', ['name', 'label_or_dtype'], (dialect, [name, type]) => new ColumnObj(dialect, str(name as Value), dialect.typeOf(str(type as Value)))),
  method('string_type', ['size'], (_, [size]) => stringType(size as Value)),
  method('numeric_type', ['dtype', 'precision', 'scale'], (_, [type, precision, scale]) => numericType(str(type as Value), precision as Value, scale as Value)),
  method('from_description', ['name', 'raw_data_type'], (dialect, [name, type]) => fromDescription(dialect, str(name as Value), str(type as Value))),
]);

function classAttr(dialect: Dialect, name: string): Value | undefined {
  const found = classMethods.get(name);
  return found && boundMethod<Dialect>(dialect, name, found.sig, found.body);
}

function stringType(size: Value): string {
  return `character varying(${str(size)})`;
}

function numericType(dtype: string, precision: Value, scale: Value): string {
  return precision === null || scale === null ? dtype : `${dtype}(${str(precision)},${str(scale)})`;
}

/** A column from the engine's text of its type: `decimal(10,2)`. */
function fromDescription(dialect: Dialect, name: string, raw: string): ColumnObj {
  const [, type, sizes] = /^([^(]+)(?:\(([^)]+)\))?/.exec(raw) ?? [];
  if (type === undefined) throw new PyError('DbtRuntimeError', `Could not interpret data type "${raw}"`);
  const numbers = (sizes ?? '').split(',').filter((s) => sizes !== undefined || s !== '');
  const [first, second] = numbers.map((s) => {
    if (/^\s*[+-]?\d+\s*$/.test(s)) return Number(s);
    throw new PyError('DbtRuntimeError', `Could not interpret data_type "${raw}": could not convert "${s}" to an integer`);
  });
  if (numbers.length === 1) return new ColumnObj(dialect, name, type, first);
  return numbers.length === 2 ? new ColumnObj(dialect, name, type, null, first, second) : new ColumnObj(dialect, name, type);
}

/** Names and types of `STRUCT(a INTEGER, "b c" STRUCT(...))`: names lose their quotes, commas inside parentheses and quotes separate nothing. */
function structFields(type: string): [string, string][] {
  const body = /^struct\(([\s\S]*)\)$/i.exec(type.trim())?.[1];
  if (body === undefined) return [];
  const fields: string[] = [];
  let depth = 0;
  let quoted = false;
  let from = 0;
  for (let i = 0; i < body.length; i++) {
    const c = body[i];
    if (c === '"') quoted = !quoted;
    else if (quoted) continue;
    else if (c === '(') depth++;
    else if (c === ')') depth--;
    else if (c === ',' && depth === 0) {
      fields.push(body.slice(from, i));
      from = i + 1;
    }
  }
  fields.push(body.slice(from));
  return fields.map((f): [string, string] => {
    const [, quotedName, plainName, rest] = /^\s*(?:"((?:[^"]|"")*)"|(\S+))\s+([\s\S]*?)\s*$/.exec(f) ?? [];
    return [quotedName?.replaceAll('""', '"') ?? plainName ?? f.trim(), rest ?? ''];
  });
}
