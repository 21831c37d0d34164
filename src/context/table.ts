import {
  callValue,
  compare,
  Dict,
  equals,
  hashKey,
  isInt,
  jsonDumps,
  Obj,
  PyError,
  repr,
  type Signature,
  type Site,
  signature,
  str,
  Tuple,
  toList,
  truthy,
  type Value,
} from '../jinja/index.ts';
import type { ResultTable } from '../sql/index.ts';
import { cellValue, type Kind, kindOf } from './cell.ts';
import { boundMethod } from './method.ts';
import { type PrintColumn, printTable, usualLayout } from './print.ts';
import { MappedSequence, Row } from './sequence.ts';

/** Where a table's own printing goes; absent: nowhere. */
export type Printer = (text: string) => void;

/** A statement's result as templates see it: an agate table, with its values as dbt converts them. */
export function tableValue(table: ResultTable, print?: Printer): Value {
  const kinds = table.columns.map((c, i) => kindOf(c, table.rows, i));
  const rows = table.rows.map((row) => row.map((cell, i) => cellValue(cell, table.columns[i]?.type ?? 'other')));
  return new Table(
    table.columns.map((c, i) => ({ name: c.name, kind: kinds[i] ?? 'Text' })),
    rows,
    print,
  );
}

/** The table of a statement that answers no rows. */
export function emptyTable(): Value {
  return new Table([], [], undefined);
}

/** A table from values that are template values already; the kinds decide alignment and what `column_types` says. */
export function tableOf(columns: readonly TableColumn[], rows: readonly (readonly Value[])[], print?: Printer): Value {
  return new Table(columns, rows, print);
}

export interface TableColumn {
  readonly name: string;
  readonly kind: Kind;
}

type Arguments = readonly (Value | undefined)[];

/** An agate table. Rows and columns are made when somebody asks. */
export class Table extends Obj {
  readonly typeName = 'Table';
  readonly columns: readonly TableColumn[];
  readonly values: readonly (readonly Value[])[];
  readonly print: Printer | undefined;
  private rows_: MappedSequence | undefined;
  constructor(columns: readonly TableColumn[], values: readonly (readonly Value[])[], print: Printer | undefined) {
    super();
    this.columns = columns;
    this.values = values;
    this.print = print;
  }
  override module(): string {
    return 'agate';
  }
  get names(): string[] {
    return this.columns.map((c) => c.name);
  }
  get rows(): MappedSequence {
    const { names } = this;
    this.rows_ ??= new MappedSequence(
      this.values.map((v) => new Row(v, names)),
      null,
    );
    return this.rows_;
  }
  column(i: number): TableColumnValues {
    return new TableColumnValues(
      i,
      this.columns[i] as TableColumn,
      this.values.map((row) => row[i] ?? null),
    );
  }
  /** The position of a column given by name or number; raises KeyError. */
  at(key: Value): number {
    const i = isInt(key) ? Number(key) : this.names.indexOf(str(key));
    if (this.columns[i] === undefined) throw new PyError('KeyError', repr(key));
    return i;
  }
  with(columns: readonly TableColumn[], values: readonly (readonly Value[])[]): Table {
    return new Table(columns, values, this.print);
  }
  /** The columns at these positions. */
  pick(positions: readonly number[]): Table {
    return this.with(
      positions.map((i) => this.columns[i] as TableColumn),
      this.values.map((row) => positions.map((i) => row[i] ?? null)),
    );
  }
  override attr(name: string): Value | undefined {
    switch (name) {
      case 'columns':
        return new MappedSequence(
          this.columns.map((_, i) => this.column(i)),
          this.names,
        );
      case 'rows':
        return this.rows;
      case 'column_names':
        return new Tuple(this.names);
      case 'column_types':
        return new Tuple(this.columns.map((c) => new DataType(c.kind)));
      case 'row_names':
        return null;
      default: {
        const method = methods.get(name);
        return method && boundMethod<Table>(this, name, method.sig, method.body);
      }
    }
  }
  override item(key: Value): Value | undefined {
    return this.rows.item(key);
  }
  slice(indices: readonly [number, number, number]): Value {
    return this.rows.slice(indices);
  }
  override length(): number {
    return this.values.length;
  }
  override iterate(): Iterable<Value> {
    return this.rows.items;
  }
  override str(): string {
    const kinds: PrintColumn[] = [
      { name: 'column', kind: 'text', cells: this.names },
      { name: 'data_type', kind: 'text', cells: this.columns.map((c) => c.kind) },
    ];
    return `${printTable(kinds, { ...usualLayout, maxRows: this.columns.length })}\n`;
  }
  override repr(): string {
    return '<agate.table.Table object>';
  }
}

/** A column of a table: its values, with its name, position and type. */
class TableColumnValues extends MappedSequence {
  override readonly typeName = 'Column';
  private readonly index: number;
  private readonly of: TableColumn;
  constructor(index: number, of: TableColumn, values: readonly Value[]) {
    super(values, null);
    this.index = index;
    this.of = of;
  }
  override attr(name: string): Value | undefined {
    switch (name) {
      case 'name':
        return this.of.name;
      case 'index':
        return this.index;
      case 'data_type':
        return new DataType(this.of.kind);
      default: {
        const answer = columnValues.get(name);
        return answer ? boundMethod<TableColumnValues>(this, name, signature(name, 1), answer) : super.attr(name);
      }
    }
  }
}

const columnValues: ReadonlyMap<string, (self: MappedSequence) => Value> = new Map<string, (self: MappedSequence) => Value>([
  ['values_distinct', (self) => new Tuple(distinct(self.items))],
  ['values_without_nulls', (self) => new Tuple(self.items.filter((v) => v !== null))],
  ['values_sorted', (self) => [...self.items].sort(order)],
  ['values_without_nulls_sorted', (self) => self.items.filter((v) => v !== null).sort(order)],
]);

/** The type of a column; its class name is what dbt's adapters look at. */
class DataType extends Obj {
  readonly typeName: string;
  constructor(kind: Kind) {
    super();
    this.typeName = kind;
  }
  override truthy(): boolean {
    return true;
  }
  override equals(other: Value): boolean {
    return other instanceof DataType && other.typeName === this.typeName;
  }
  override hashKey(): string {
    return `\0type${this.typeName}`;
  }
}

/** Python's order with None last, as agate sorts. */
function order(a: Value, b: Value): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
  if (equals(a, b)) return 0;
  return compare('<', a, b) ? -1 : 1;
}

function distinct(values: readonly Value[]): Value[] {
  const seen = new Map<unknown, Value>();
  for (const v of values) if (!seen.has(hashKey(v))) seen.set(hashKey(v), v);
  return [...seen.values()];
}

interface Method {
  readonly sig: Signature;
  readonly body: (self: Table, a: Arguments, named: ReadonlyMap<string, Value>, site: Site) => Value;
}

function method(name: string, names: readonly string[], body: Method['body']): [string, Method] {
  return [name, { sig: signature(name, 1, ...names), body }];
}

const methods: ReadonlyMap<string, Method> = new Map<string, Method>([
  method('print_table', ['max_rows=', 'max_columns=', 'output=', 'max_column_width=', 'locale=', 'max_precision='], (self, a) => {
    const limit = (i: number, usual: number): number => (a[i] === undefined ? usual : a[i] === null ? Number.MAX_SAFE_INTEGER : Number(str(a[i])));
    const layout = {
      maxRows: limit(0, usualLayout.maxRows),
      maxColumns: limit(1, usualLayout.maxColumns),
      maxWidth: limit(3, usualLayout.maxWidth),
      maxPlaces: limit(5, usualLayout.maxPlaces),
    };
    return printed(self, printTable(printColumns(self), layout));
  }),
  method('print_structure', ['max_rows=', 'output='], (self) => printed(self, self.str().trimEnd())),
  method('print_csv', [], (self) => printed(self, csvText(self))),
  method('print_json', [], (self) => printed(self, jsonText(self))),
  method('to_csv', ['path='], () => noFiles('to_csv')),
  method('to_json', ['path='], () => noFiles('to_json')),
  method('select', ['key'], (self, [key]) => self.pick(keysOf(key).map((k) => self.at(k)))),
  method('exclude', ['key'], (self, [key]) => {
    const left = new Set(keysOf(key).map((k) => self.at(k)));
    return self.pick(self.columns.map((_, i) => i).filter((i) => !left.has(i)));
  }),
  method('rename', ['column_names=', 'row_names=', 'slug_columns=', 'slug_rows='], rename),
  method('limit', ['start_or_stop=', 'stop=', 'step='], limit),
  method('order_by', ['key', 'reverse='], orderBy),
  method('where', ['test'], (self, [test], _, site) => self.with(self.columns, matching(self, test, site))),
  method('find', ['test'], (self, [test], _, site) => {
    const [first] = matching(self, test, site);
    return first === undefined ? null : new Row(first, self.names);
  }),
  method('distinct', ['key='], (self, [key], _, site) => {
    const seen = new Map<unknown, readonly Value[]>();
    for (const row of self.values) {
      const id = hashKey(keyOf(self, row, key, site));
      if (!seen.has(id)) seen.set(id, row);
    }
    return self.with(self.columns, [...seen.values()]);
  }),
  method('group_by', ['key', 'key_name=', 'key_type='], (self, [key], _, site) => {
    const groups = new Map<unknown, { readonly key: Value; readonly rows: (readonly Value[])[] }>();
    for (const row of self.values) {
      const value = keyOf(self, row, key, site);
      const id = hashKey(value);
      const group = groups.get(id) ?? { key: value, rows: [] };
      group.rows.push(row);
      groups.set(id, group);
    }
    return new TableSet([...groups.values()].map((g) => [g.key, self.with(self.columns, g.rows)]));
  }),
]);

function printed(self: Table, text: string): Value {
  self.print?.(text);
  return null;
}

function noFiles(name: string): never {
  throw new PyError('NotImplementedError', `${name}() would write a file, which templates cannot; print_csv() and print_json() print the rows`);
}

function printColumns(self: Table): PrintColumn[] {
  return self.columns.map(({ name, kind }, i) => ({
    name,
    kind: kind === 'Text' ? 'text' : kind === 'Number' ? 'decimal' : 'other',
    cells: self.values.map((row) => (row[i] === null || row[i] === undefined ? null : str(row[i]))),
  }));
}

function csvText(self: Table): string {
  const quoted = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const line = (values: readonly Value[]): string => values.map((v) => (v === null ? '' : quoted(str(v)))).join(',');
  return [line(self.names), ...self.values.map(line)].join('\n');
}

function jsonText(self: Table): string {
  const plain = (v: Value): string => (v instanceof Obj ? (numeric(str(v)) ? str(v) : jsonDumps(str(v))) : jsonDumps(v));
  const numeric = (text: string): boolean => /^-?\d+(\.\d+)?$/.test(text);
  const objects = self.values.map((row) => `{${self.names.map((name, i) => `${jsonDumps(name)}: ${plain(row[i] ?? null)}`).join(', ')}}`);
  return `[${objects.join(', ')}]`;
}

function keysOf(key: Value | undefined): Value[] {
  return key === undefined ? [] : typeof key === 'string' || isInt(key) ? [key] : toList(key);
}

/** The new names: a dictionary from old ones, or a list of all. */
function rename(self: Table, [names]: Arguments): Value {
  const given = names instanceof Dict ? undefined : names === undefined || names === null ? self.names : toList(names).map(str);
  const nameOf = (c: TableColumn, i: number): string => (names instanceof Dict ? str(names.get(c.name) ?? c.name) : (given?.[i] ?? c.name));
  return self.with(
    self.columns.map((c, i) => ({ ...c, name: nameOf(c, i) })),
    self.values,
  );
}

function limit(self: Table, [startOrStop, stop, step]: Arguments): Value {
  const number = (v: Value | undefined): number | undefined => (v === undefined || v === null ? undefined : Number(str(v)));
  const [from, to] = stop === undefined || stop === null ? [undefined, number(startOrStop)] : [number(startOrStop), number(stop)];
  const by = number(step) ?? 1;
  return self.with(
    self.columns,
    self.values.slice(from, to).filter((_, i) => i % by === 0),
  );
}

function orderBy(self: Table, [key, reverse]: Arguments, _: ReadonlyMap<string, Value>, site: Site): Value {
  const keyed = self.values.map((row) => ({
    row,
    keys: Array.isArray(key) || key instanceof Tuple ? keysOf(key).map((k) => row[self.at(k)] ?? null) : [keyOf(self, row, key, site)],
  }));
  const by = (a: readonly Value[], b: readonly Value[]): number => {
    for (let i = 0; i < a.length; i++) {
      const n = order(a[i] ?? null, b[i] ?? null);
      if (n !== 0) return n;
    }
    return 0;
  };
  const down = reverse !== undefined && truthy(reverse);
  keyed.sort((a, b) => (down ? by(b.keys, a.keys) : by(a.keys, b.keys)));
  return self.with(
    self.columns,
    keyed.map((k) => k.row),
  );
}

/** What a row is sorted or grouped by: a column, what a function answers, or the whole row. */
function keyOf(self: Table, row: readonly Value[], key: Value | undefined, site: Site): Value {
  if (key === undefined || key === null) return new Tuple(row);
  if (typeof key === 'string' || isInt(key)) return row[self.at(key)] ?? null;
  return called(self, row, key, site);
}

function called(self: Table, row: readonly Value[], f: Value, site: Site): Value {
  return callValue(f, { positional: [new Row(row, self.names)], named: new Map() }, site);
}

function matching(self: Table, test: Value | undefined, site: Site): (readonly Value[])[] {
  return self.values.filter((row) => {
    const answer = called(self, row, test ?? null, site);
    // A macro that prints its answer gives text: only a text that says no is no.
    return typeof answer === 'string' ? answer.trim() !== '' && answer.trim() !== 'False' : truthy(answer);
  });
}

/** The tables that a group_by makes, by their key. */
class TableSet extends MappedSequence {
  override readonly typeName = 'TableSet';
  private readonly groups: readonly (readonly [Value, Table])[];
  constructor(groups: readonly (readonly [Value, Table])[]) {
    super(
      groups.map(([, table]) => table),
      groups.map(([key]) => str(key)),
    );
    this.groups = groups;
  }
  override attr(name: string): Value | undefined {
    if (name === 'keys') return boundMethod<TableSet>(this, name, signature(name, 1), (self) => new Tuple(self.groups.map(([key]) => key)));
    if (name === 'items') return boundMethod<TableSet>(this, name, signature(name, 1), (self) => new Tuple(self.groups.map((g) => new Tuple([g[0], g[1]]))));
    return super.attr(name);
  }
  override str(): string {
    const columns: PrintColumn[] = [
      { name: 'table', kind: 'text', cells: this.groups.map(([key]) => (key === null ? '' : str(key))) },
      { name: 'rows', kind: 'text', cells: this.groups.map(([, table]) => String(table.values.length)) },
    ];
    return `${printTable(columns)}\n`;
  }
}
