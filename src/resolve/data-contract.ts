import { closest, isMap, type Sink, type Span, type Yaml, YamlDate, type YamlDocument, YamlFloat, type YamlMap, yamlMap } from '../text/index.ts';

/** A generic test as a properties file would write it. */
export interface ContractTest {
  /** The column it stands below; undefined below the model itself. */
  readonly column: string | undefined;
  readonly test: string;
  readonly args: YamlMap;
  /** The name it is given; undefined for the one it has by its arguments. */
  readonly name?: string;
  readonly config: YamlMap | undefined;
  readonly at: Span;
}

const KEY = 'data_contract';
const BLOCK_KEYS = ['columns', 'strict', 'config'];
const COLUMN_KEYS = ['name', 'data_type', 'nullable', 'unique', 'range', 'values', 'pattern', 'description'];
const RANGE_KEYS = ['min', 'max', 'strict'];

/** Where a block is written: beside `columns:`, or below `meta:` where dbt takes anything. */
interface Block {
  readonly holder: YamlMap;
  readonly value: Yaml;
}

/** The `data_contract:` of a model, seed, snapshot or table of a source; undefined where it has none. */
export function dataContract(map: YamlMap): Block | undefined {
  const config = isMap(map['config']) ? map['config'] : undefined;
  for (const holder of [map, config?.['meta'], map['meta']]) {
    const value = isMap(holder) ? holder[KEY] : undefined;
    if (isMap(holder) && value !== undefined && value !== null) return { holder, value };
  }
  return undefined;
}

/** The tests that a data contract stands for. What is wrong with it is reported, and the rest of it counts. `name`: what the test of its columns and types is called. */
export function contractTests(block: Block, name: string, document: YamlDocument, sink: Sink): readonly ContractTest[] {
  const reader = new Reader(document, sink);
  const at = document.valueSpan(block.holder, KEY);
  if (!isMap(block.value)) return reader.bad('it is a mapping with a list of `columns:`', at);
  const { value } = block;
  reader.keys(value, BLOCK_KEYS, 'a data contract');
  const { columns, config, strict } = value;
  if (!Array.isArray(columns) || columns.length === 0)
    return reader.bad('`columns:` is a list of columns that is not empty', 'columns' in value ? document.valueSpan(value, 'columns') : at);
  if (config !== undefined && !isMap(config)) reader.bad('`config:` is a mapping of settings of tests', document.valueSpan(value, 'config'));
  const settings = isMap(config) ? config : undefined;
  const types = yamlMap();
  const tests: ContractTest[] = [];
  columns.forEach((column, i) => {
    const place = document.valueSpan(columns, i);
    if (!isMap(column) || typeof column['name'] !== 'string') reader.bad('a column is a mapping with a `name:` that is text', place);
    else if (column['name'].toLowerCase() in types) reader.bad(`the column \`${column['name']}\` is there twice`, place);
    else {
      types[column['name'].toLowerCase()] = reader.types(column);
      tests.push(...reader.column(column, column['name'], settings));
    }
  });
  const match = reader.flag(value, 'strict') && strict === true ? 'exact' : 'contains';
  return [
    { column: undefined, test: 'accepted_schema', args: mapping({ columns: types, match }), name, config: settings, at: document.keySpan(block.holder, KEY) },
    ...tests,
  ];
}

class Reader {
  private readonly document: YamlDocument;
  private readonly sink: Sink;
  constructor(document: YamlDocument, sink: Sink) {
    this.document = document;
    this.sink = sink;
  }

  bad(problem: string, at: Span): [] {
    this.sink.add('data-contract', { problem }, { at });
    return [];
  }

  keys(map: YamlMap, known: readonly string[], what: string): void {
    for (const key of Object.keys(map))
      if (!known.includes(key)) this.sink.add('data-contract-key', { what, key, known, near: closest(key, known) }, { at: this.document.keySpan(map, key) });
  }

  /** Whether a switch is one, or not there. */
  flag(map: YamlMap, key: string): boolean {
    const value = map[key];
    if (value === undefined || value === null || typeof value === 'boolean') return true;
    this.bad(`\`${key}:\` is true or false`, this.document.valueSpan(map, key));
    return false;
  }

  /** The type or types of a column; null for any. */
  types(column: YamlMap): Yaml {
    const type = column['data_type'] ?? null;
    if (type === null || typeof type === 'string' || (Array.isArray(type) && type.length > 0 && type.every((t) => typeof t === 'string'))) return type;
    this.bad('`data_type:` is the name of a type, or a list of them', this.document.valueSpan(column, 'data_type'));
    return null;
  }

  column(column: YamlMap, name: string, config: YamlMap | undefined): ContractTest[] {
    this.keys(column, COLUMN_KEYS, 'a column of a data contract');
    const out: ContractTest[] = [];
    const add = (key: string, test: string, args: Record<string, Yaml> = {}): void => {
      out.push({ column: name, test, args: mapping(args), config, at: this.document.keySpan(column, key) });
    };
    if (this.flag(column, 'nullable') && column['nullable'] === false) add('nullable', 'not_null');
    if (this.flag(column, 'unique') && column['unique'] === true) add('unique', 'unique');
    const range = given(column, 'range') ? this.range(column) : undefined;
    if (range) add('range', 'accepted_range', range);
    const values = given(column, 'values') ? this.values(column) : undefined;
    if (values) add('values', 'accepted_values', values);
    const { pattern } = column;
    if (typeof pattern === 'string' || (Array.isArray(pattern) && pattern.length > 0 && pattern.every((p) => typeof p === 'string')))
      add('pattern', 'accepted_regex', { regex: pattern });
    else if (given(column, 'pattern')) this.bad('`pattern:` is a regular expression, or a list of them', this.document.valueSpan(column, 'pattern'));
    return out;
  }

  private range(column: YamlMap): Record<string, Yaml> | undefined {
    const range = column['range'] as Yaml;
    const at = this.document.valueSpan(column, 'range');
    if (!isMap(range) || (!given(range, 'min') && !given(range, 'max'))) {
      this.bad('`range:` is a mapping with `min:`, `max:` or both', at);
      return undefined;
    }
    this.keys(range, RANGE_KEYS, 'a range');
    const out: Record<string, Yaml> = {};
    for (const [key, argument] of [
      ['min', 'min_value'],
      ['max', 'max_value'],
    ] as const) {
      if (!given(range, key)) continue;
      const bound = boundOf(range[key] as Yaml);
      if (bound === undefined) this.bad(`\`${key}:\` is a number, a date or SQL`, this.document.valueSpan(range, key));
      else out[argument] = bound;
    }
    const [low, high] = [numberOf(out['min_value']), numberOf(out['max_value'])];
    if (low !== undefined && high !== undefined && low > high) this.bad(`no value is between ${low} and ${high}`, at);
    if (this.flag(range, 'strict') && range['strict'] === true) out['inclusive'] = false;
    return 'min_value' in out || 'max_value' in out ? out : undefined;
  }

  private values(column: YamlMap): Record<string, Yaml> | undefined {
    const { values } = column;
    if (!Array.isArray(values) || values.length === 0 || values.some((v) => v === null || isMap(v) || Array.isArray(v))) {
      this.bad('`values:` is a list of texts, numbers or dates that is not empty', this.document.valueSpan(column, 'values'));
      return undefined;
    }
    const plain = values.every((v) => typeof v !== 'string' && !(v instanceof YamlDate));
    // The test puts a text between quotes as it is.
    return plain
      ? { values, quote: false }
      : { values: values.map((v) => (typeof v === 'string' ? v.replaceAll("'", "''") : v instanceof YamlDate ? v.text : v)) };
  }
}

const given = (map: YamlMap, key: string): boolean => map[key] !== undefined && map[key] !== null;

function mapping(entries: Record<string, Yaml>): YamlMap {
  return Object.assign(yamlMap(), entries);
}

const DATE = /^\d{4}-\d\d-\d\d$/;
const TIME = /^\d{4}-\d\d-\d\d[ T]\d\d:\d\d/;

/** A bound as the test takes it: as SQL, where a date would be a subtraction. */
function boundOf(v: Yaml): Yaml | undefined {
  const text = v instanceof YamlDate ? v.text : v;
  if (typeof text === 'string')
    return DATE.test(text) ? `cast('${text}' as date)` : TIME.test(text) ? `cast('${text}' as timestamp)` : text.trim() === '' ? undefined : text;
  return typeof text === 'number' || typeof text === 'bigint' || text instanceof YamlFloat ? text : undefined;
}

function numberOf(v: Yaml | undefined): number | undefined {
  return typeof v === 'number' ? v : v instanceof YamlFloat ? v.value : undefined;
}
