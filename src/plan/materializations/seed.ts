import type { SeedNode } from '../../resolve/index.ts';
import {
  type Column,
  type CsvColumn,
  type CsvQuestion,
  type CsvRecord,
  type CsvShape,
  columns,
  csv,
  type Dialect,
  execute,
  inspectedLoad,
  type Load,
  load,
  note,
  type Program,
  type Relation,
  type Response,
  rollback,
} from '../../sql/index.ts';
import { diagnostic, fail, type SourceFile, type Span, sourceFile, span } from '../../text/index.ts';
import type { Outcome, Task } from '../materialization.ts';
import { drop, framed, standing } from './build.ts';
import { hasHooks, mapSetting, setting, textSetting } from './task.ts';

// A file that goes on after so many bytes is loaded as its beginning says, while the rest is looked at.
const BEGINNING = 4 << 20;

/** A seed: the rows of a CSV file, loaded by the engine's own reader. */
export function* seed(task: Task): Program<Outcome> {
  if (task.file === undefined) throw new Error(`seed ${task.node.name} has no file`);
  const types = columnTypes(task);
  const question: CsvQuestion = { file: task.file, delimiter: textSetting(task, 'delimiter') ?? ',', texts: Object.keys(types) };
  const read: Read = { question, types, shape: yield* csv({ ...question, first: BEGINNING }) };
  if (!read.shape.partial) return yield* seeded(task, read);
  const { broken, tooLong, tooShort, rows } = read.shape;
  // What is wrong already is told of all of the file; and hooks must not run twice.
  if (broken || tooLong || tooShort || rows === 0 || hasHooks(task, 'pre', true) || hasHooks(task, 'pre', false))
    return yield* seeded(task, { ...read, shape: yield* csv(question) });
  try {
    return yield* seeded(task, read);
  } catch (error) {
    if (!(error instanceof Otherwise)) throw error;
    yield* rollback();
    return yield* seeded(task, { ...read, shape: error.shape });
  }
}

/** What is known of the file. */
interface Read {
  readonly question: CsvQuestion;
  /** The types that the configuration gives to columns. */
  readonly types: Readonly<Record<string, string>>;
  readonly shape: CsvShape;
}

/** All of the file is of another shape than its beginning. */
class Otherwise extends Error {
  readonly shape: CsvShape;
  constructor(shape: CsvShape) {
    super('the file goes on otherwise than it begins');
    this.shape = shape;
  }
}

function* seeded(task: Task, read: Read): Program<Outcome> {
  assertReadable(task, read.shape, read.question.delimiter);
  const plan = loadOf(task, read);
  const old = yield* standing(task);
  if (old && old.type !== 'table' && !task.fullRefresh) fail('seed-not-table', { node: task.node.name, type: old.type ?? 'relation' }, { at: task.node.at });
  const target = { ...task.relation, type: 'table' as const };
  const rerun = old !== null && !task.fullRefresh;
  const outcome = yield* framed(task, target, { transaction: true, docs: 'before-hooks', anew: !rerun }, function* (): Program<Response> {
    const make = rerun ? `delete from ${task.dialect.render(target)}` : createText(task, target, plan);
    task.written(`${make};\n-- load ${task.node.original_file_path}`);
    if (rerun) yield* assertSameColumns(task, target, plan);
    else if (old) yield* drop(task, old);
    yield* execute(make);
    if (!rerun) yield* note({ change: 'added', relation: target });
    const { rows = 0 } = yield* loaded(task, target, read, plan);
    // As in dbt, only a full refresh counts as a creation.
    const code = task.fullRefresh ? 'CREATE' : 'INSERT';
    return { message: `${code} ${rows}`, code, rows };
  });
  const { renamed = [] } = read.shape;
  const notices = renamed.map((each) => diagnostic('seed-column-renamed', { node: task.node.name, ...each }, { at: placeOf(task, 1, '') }));
  return notices.length === 0 ? outcome : { ...outcome, notices: [...(outcome.notices ?? []), ...notices] };
}

function* loaded(task: Task, target: Relation, read: Read, plan: Load): Program<Pick<Response, 'rows'>> {
  // Postgres and DuckDB refuse a load into nothing to no one's gain: an empty file has no rows to read.
  if (read.shape.rows === 0) return {};
  if (!read.shape.partial) return yield* load(target, plan);
  const { shape, response, failure } = yield* inspectedLoad(target, plan, read.question);
  const whole = shape.broken || shape.tooLong || shape.tooShort ? undefined : loadOf(task, { ...read, shape });
  if (!whole || !sameLoad(plan, whole)) throw new Otherwise(shape);
  if (!response) throw failure;
  return response;
}

/** Whether two plans read a file in the same way. The longest record matters only where it is far longer than the engine expects. */
function sameLoad(a: Load, b: Load): boolean {
  const without = ({ longest, ...rest }: Load): string => JSON.stringify([rest, (longest ?? 0) > 1_000_000]);
  return without(a) === without(b);
}

/** The columns of the table that a seed is loaded into, as all of its file has them. */
export function* seedColumns(node: SeedNode, dialect: Dialect): Program<readonly Column[]> {
  const types = columnTypes({ node });
  const shape = yield* csv({ file: node.input.absolute, delimiter: textSetting({ node }, 'delimiter') ?? ',', texts: Object.keys(types) });
  return shape.columns.map((c) => ({ name: c.name, dataType: types[c.name] ?? typeFor(dialect, c) }));
}

function columnTypes(task: Pick<Task, 'node'>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(mapSetting(task, 'column_types')).map(([name, type]) => [name, String(type)]));
}

/** The seed's file as a diagnostic shows it: only the line in question, since seeds can be big. */
function placeOf(task: Task, line: number, text: string): Span {
  const file: SourceFile = sourceFile(task.node.original_file_path, '\n'.repeat(line - 1) + text);
  return span(file, line - 1, line - 1 + Math.max(1, text.length));
}

function assertReadable(task: Task, shape: CsvShape, delimiter: string): void {
  const node = task.node.name;
  const file = task.node.original_file_path;
  if (shape.broken?.why === 'empty') fail('seed-empty', { node }, { at: placeOf(task, 1, '') });
  if (shape.broken?.why === 'unreadable') fail('seed-unreadable', { node, file }, { cause: shape.broken.cause });
  if (shape.broken?.why === 'not-utf8') fail('seed-not-utf8', { node, byte: shape.broken.byte }, { at: placeOf(task, shape.broken.line, '') });
  const count = shape.columns.length;
  const bad = (record: CsvRecord): never => {
    const other = [';', '\t', '|', ','].find((d) => d !== delimiter && record.text.split(d).length === count);
    return fail('seed-ragged', { node, fields: record.fields, columns: count, other }, { at: placeOf(task, record.line, record.text) });
  };
  const { tooLong, tooShort } = shape;
  // `fast: false` is dbt's slow way through agate, which fills short rows with NULL.
  const short = setting(task, 'fast') === false ? undefined : tooShort;
  if (tooLong && (!short || tooLong.line < short.line)) bad(tooLong);
  if (short) bad(short);
  const only = count === 1 ? shape.columns[0]?.name : undefined;
  const other = only === undefined ? undefined : [';', '\t', '|'].find((d) => d !== delimiter && only.includes(d));
  if (other !== undefined) {
    const dbt = `syntax error at or near "${other}"`;
    fail('seed-delimiter', { node, header: only ?? '', delimiter: other }, { at: placeOf(task, 1, only ?? ''), dbt });
  }
}

const INTEGERS = { 0: 'integer', 32: 'integer', 64: 'bigint', 128: 'hugeint' } as const;

/** The type of the table's column that dbt makes for an inferred type; bigger integers than dbt can load get a type that holds them. */
function typeFor({ name }: Dialect, column: CsvColumn): string {
  switch (column.kind) {
    case 'integer':
      return column.bits === 128 && name !== 'duckdb' ? 'numeric(39)' : INTEGERS[column.bits];
    case 'number':
      return name === 'duckdb' ? 'double' : 'float8';
    case 'date':
      return 'date';
    case 'timestamp':
      return 'timestamp';
    case 'boolean':
      return 'boolean';
    case 'text':
      return 'text';
  }
}

function loadOf(task: Task, { question: { file, delimiter }, types, shape }: Read): Load {
  const slow = setting(task, 'fast') === false;
  return {
    file,
    delimiter,
    columns: shape.columns.map((c) => {
      const given = types[c.name];
      return { name: c.name, type: given ?? typeFor(task.dialect, c), ...(given === undefined && c.clean && { clean: c.clean }) };
    }),
    longest: shape.longest,
    // DuckDB's own reader takes all files as dml does.
    ...(shape.plain && task.dialect.name !== 'duckdb' && { plain: true }),
    ...(!slow && shape.apostrophes && { apostrophes: true }),
    ...(slow && { nullWords: true, pad: true }),
  };
}

/** `create table` with the columns quoted as `quote_columns` says (quoted unless it is false). */
function createText(task: Task, target: Relation, plan: Load): string {
  const quoted = setting(task, 'quote_columns') !== false;
  const list = plan.columns.map((c) => `${quoted ? task.dialect.quote(c.name) : c.name} ${c.type}`);
  return `create table ${task.dialect.render(target)} (${list.join(', ')})`;
}

function* assertSameColumns(task: Task, target: Relation, plan: Load): Program<void> {
  const there = (yield* columns(target)).map((c) => c.name);
  const fold = (names: readonly string[]): string =>
    [...names]
      .map((n) => n.toLowerCase())
      .sort()
      .join('\n');
  const wanted = plan.columns.map((c) => c.name);
  if (fold(there) !== fold(wanted)) {
    const missing = wanted.filter((n) => !there.some((t) => t.toLowerCase() === n.toLowerCase()));
    const extra = there.filter((n) => !wanted.some((t) => t.toLowerCase() === n.toLowerCase()));
    fail('seed-columns', { node: task.node.name, missing, extra }, { at: placeOf(task, 1, wanted.join(plan.delimiter)) });
  }
}
