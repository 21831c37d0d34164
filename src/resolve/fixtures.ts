import type { InputFile } from '../read/index.ts';
import { closest, isMap, type Span, span, type Yaml, type YamlDocument, type YamlMap } from '../text/index.ts';
import type { Build } from './build.ts';
import { isJsonMap } from './config.ts';
import type { FixturePlace, Json, JsonMap } from './manifest.ts';
import { json } from './others.ts';
import { type Entry, textOf } from './patches.ts';

/** Fixture files by the name that unit tests call them by. */
export type FixtureFiles = ReadonlyMap<string, InputFile>;

/** Offsets in a text to the place where they stand. */
type Places = (start: number, end: number) => Span;

/** Rows as they were read, and where their parts stand. */
interface Read {
  readonly rows: Json;
  readonly places: Pick<FixturePlace, 'sql' | 'column' | 'value'>;
}

/**
 * The rows of a `given` or an expectation as the manifest holds them: as dictionaries, whether written so, as CSV or in a fixture file; SQL stays
 * text. Null stands for rows that are not given. Where they stand is noted in `places`; what is wrong with them goes to the sink.
 */
export function fixtureOf(b: Build, entry: Entry, map: YamlMap, files: FixtureFiles, places: Map<JsonMap, FixturePlace>): JsonMap {
  const { document } = entry;
  const fixture = map.fixture === undefined || map.fixture === null ? null : textOf(map.fixture);
  const { rows, places: found } = rowsOf(b, entry, map, files);
  const out: JsonMap = { ...(map.input !== undefined && { input: textOf(map.input) }), format: textOf(map.format) || 'dict', fixture, rows };
  places.set(out, { at: document.span(map), input: document.valueSpan(map, 'input'), ...found });
  return out;
}

function rowsOf(b: Build, entry: Entry, map: YamlMap, files: FixtureFiles): Read {
  const { document } = entry;
  const { rows, fixture } = map as { rows?: Yaml; fixture?: Yaml };
  const format = textOf(map.format) || 'dict';
  const file = typeof fixture === 'string' ? files.get(fixture) : undefined;
  if (typeof fixture === 'string' && !file) {
    b.sink.add('fixture-not-found', { name: fixture, near: closest(fixture, files.keys()) }, { at: document.valueSpan(map, 'fixture') });
    return nowhere(document, map, []);
  }
  // An input may be a seed, whose file has the rows; of a macro a text can be expected.
  const needed = map.input === undefined && map.text === undefined;
  const mistake = ['dict', 'csv', 'sql'].includes(format) ? formatMistake(rows, file, format, needed) : undefined;
  if (mistake) {
    const key = file ? 'fixture' : 'rows' in map ? 'rows' : 'format';
    b.sink.add('fixture-format', { test: String(entry.map.name), format, ...mistake }, { at: document.valueSpan(map, key) });
    return nowhere(document, map, []);
  }
  if (Array.isArray(rows) && !file) return listed(document, map, rows);
  const text = file ? file.source.text : rows;
  if (typeof text !== 'string') return nowhere(document, map, null);
  const places: Places = file ? (start, end) => span(file.source, start, end) : yamlText(document, map, 'rows');
  return format === 'csv' ? csv(b, text, places) : sql(text, places);
}

interface Mistake {
  readonly written: string;
  readonly fits: string;
}

/** Why rows cannot be of the format that is said, and which one they would fit; undefined where they can. */
function formatMistake(rows: Yaml | undefined, file: InputFile | undefined, format: string, needed: boolean): Mistake | undefined {
  if (file) {
    const ending = file.relative.toLowerCase().endsWith('.sql') ? 'sql' : 'csv';
    return ending === format ? undefined : { written: `in ${file.source.path}`, fits: ending };
  }
  if (typeof rows === 'string') return format === 'dict' ? { written: 'a text', fits: LIKE_SQL.test(rows) ? 'sql' : 'csv' } : undefined;
  if (format === 'dict' && (Array.isArray(rows) || !needed)) return undefined;
  return { written: Array.isArray(rows) ? 'a list' : 'not given', fits: 'dict' };
}

const LIKE_SQL = /^\s*(?:--|\/\*|\(|(?:select|with|from|values)\b)/i;

function nowhere(document: YamlDocument, map: YamlMap, rows: Json): Read {
  const at = (): Span => document.valueSpan(map, 'rows');
  return { rows, places: { sql: at, column: at, value: at } };
}

/** Rows written as a list of mappings. */
function listed(document: YamlDocument, map: YamlMap, list: readonly Yaml[]): Read {
  const rows = json(list as Yaml[]) as Json[];
  const all = (): Span => document.valueSpan(map, 'rows');
  const keyIn = (row: Yaml | undefined, name: string): string | undefined =>
    isMap(row ?? null) ? Object.keys(row as YamlMap).find((key) => key.toLowerCase() === name.toLowerCase()) : undefined;
  return {
    rows: promoted(rows),
    places: {
      sql: all,
      column(name) {
        const row = list.find((r) => keyIn(r, name) !== undefined);
        return row === undefined ? all() : document.keySpan(row as YamlMap, keyIn(row, name) as string);
      },
      value(of, name) {
        const row = list[rows.indexOf(of)];
        const key = keyIn(row, name);
        return key === undefined ? all() : document.valueSpan(row as YamlMap, key);
      },
    },
  };
}

function sql(text: string, places: Places): Read {
  const lead = text.length - text.trimStart().length;
  const all = (): Span => places(lead, text.trimEnd().length);
  return { rows: text.trim(), places: { sql: (start, end) => places(start + lead, end + lead), column: all, value: all } };
}

/** The rows of a CSV text, all values texts and empty ones null. */
export function csvRows(text: string): readonly JsonMap[] {
  const [header = [], ...records] = csvRecords(text);
  return records.map((cells) =>
    rowOf(
      header.map((cell) => cell.text.trim()),
      cells,
    ),
  );
}

function rowOf(names: readonly string[], cells: readonly CsvCell[]): JsonMap {
  return Object.fromEntries(names.map((name, i) => [name, cells[i]?.text || null]));
}

/** CSV as rows of texts by column; an empty cell is null. As with dbt, cells that a line lacks are null, and the last of two columns of a name counts. */
function csv(b: Build, text: string, places: Places): Read {
  const [header = [], ...records] = csvRecords(text);
  const names = header.map((cell) => cell.text.trim());
  checkHeader(b, names, header, places);
  for (const cells of records) checkLength(b, cells, header.length, places);
  const rows = records.map((cells) => rowOf(names, cells));
  const at = (cell: CsvCell | undefined): Span => (cell ? places(cell.start, cell.end) : places(0, text.length));
  const indexOf = (name: string): number => names.findLastIndex((n) => n.toLowerCase() === name.toLowerCase());
  return {
    rows: promoted([...rows]),
    places: {
      sql: places,
      column: (name) => at(header[indexOf(name)]),
      value: (row, name) => at(records[rows.indexOf(row)]?.[indexOf(name)]),
    },
  };
}

function checkHeader(b: Build, names: readonly string[], header: readonly CsvCell[], places: Places): void {
  names.forEach((name, i) => {
    const first = header[names.indexOf(name)] as CsvCell;
    const cell = header[i] as CsvCell;
    if (first === cell) return;
    const related = [{ message: 'the first one, whose values do not count', at: places(first.start, first.end) }];
    b.sink.add('fixture-column-twice', { column: name }, { at: places(cell.start, cell.end), related });
  });
}

/** A line that is too long has a value without a column, which is a mistake; one that is too short may be meant so, and is one mostly. */
function checkLength(b: Build, cells: readonly CsvCell[], length: number, places: Places): void {
  if (cells.length === length) return;
  const long = cells.length > length;
  const from = long ? cells[length] : cells[0];
  const at = places(from?.start ?? 0, cells.at(-1)?.end ?? 0);
  b.sink.add('fixture-ragged', { cells: cells.length, header: length }, { at, severity: long ? 'error' : 'warning' });
}

/** The first row without a null comes first, as in dbt: databases take the types of columns from it. */
function promoted(rows: readonly Json[]): Json {
  const i = rows.findIndex((row) => isJsonMap(row) && Object.values(row).every((v) => v !== null));
  if (i <= 0) return rows;
  const out = [...rows];
  [out[0], out[i]] = [out[i] as Json, out[0] as Json];
  return out;
}

/** A cell of CSV, without its quotes, and where it stands with them. */
interface CsvCell {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** The records of a CSV text; blank lines are none. */
function csvRecords(text: string): readonly (readonly CsvCell[])[] {
  const records: CsvCell[][] = [];
  const stop = text.trimEnd().length;
  let record: CsvCell[] = [];
  let cell = '';
  let start = text.length - text.trimStart().length;
  let quoted = false;
  const endCell = (at: number, value: string): void => {
    record.push({ text: value, start, end: at });
    cell = '';
    start = at + 1;
  };
  const endRecord = (at: number): void => {
    const bare = cell.replace(/\r$/, '');
    endCell(bare === cell ? at : at - 1, bare);
    start = at + 1;
    if (record.length > 1 || record[0]?.text.trim() !== '') records.push(record);
    record = [];
  };
  for (let i = start; i < stop; i++) {
    const ch = text[i] as string;
    if (quoted) {
      if (ch !== '"') cell += ch;
      else if (text[i + 1] === '"') cell += text[i++];
      else quoted = false;
    } else if (ch === '"' && cell.trim() === '') {
      quoted = true;
      cell = '';
    } else if (ch === ',') endCell(i, cell);
    else if (ch === '\n') endRecord(i);
    else cell += ch;
  }
  endRecord(stop);
  return records;
}

/** The places of a text of a YAML file, in blocks and on several lines too: each of its lines is looked up in what is written. */
function yamlText(document: YamlDocument, map: YamlMap, key: string): Places {
  return (start, end) => {
    const whole = document.valueSpan(map, key);
    const lines = linesIn(document.file.text.slice(0, whole.end), whole.start, String(map[key]));
    // A text that is folded or has escapes has no lines of its own.
    if (!lines) return whole;
    const place = (offset: number): number => {
      const line = lines.findLast((l) => l.offset <= offset);
      return line ? line.at + offset - line.offset : whole.start;
    };
    return span(document.file, place(start), Math.max(place(start) + 1, place(end)));
  };
}

/** Where the lines of a text begin in it, and in what is written from some place on; undefined where they are not there. */
function linesIn(written: string, start: number, text: string): readonly { readonly offset: number; readonly at: number }[] | undefined {
  const lines: { readonly offset: number; readonly at: number }[] = [];
  let offset = 0;
  let from = start;
  for (const line of text.split('\n')) {
    const at = written.indexOf(line, from);
    if (at === -1) return undefined;
    lines.push({ offset, at });
    offset += line.length + 1;
    from = at + line.length;
  }
  return lines;
}
