import {
  begin,
  type Cell,
  commit,
  execute,
  lookup,
  note,
  type Program,
  query,
  type Relation,
  type Response,
  type ResultTable,
  trimSemicolon,
} from '../../sql/index.ts';
import { diagnostic, fail } from '../../text/index.ts';
import type { Outcome, Task } from '../materialization.ts';
import { drop } from './build.ts';
import { customised, refuse, setting, textSetting } from './task.ts';

/** A data test: counts the rows that its query finds, and lets the database judge the count by warn_if and error_if. */
export function* test(task: Task): Program<Outcome> {
  const found = yield* limited(task);
  const stored = storedAs(task);
  const relations: Relation[] = [];
  let rows = found;
  if (stored) {
    const kept = yield* store(task, stored, found);
    relations.push(kept);
    rows = `select *\nfrom ${task.dialect.render(kept)}`;
  }
  const { table, response } = yield* judged(task, rows);
  const verdict = read(task, table);
  const note = noteOf(table);
  if (note !== undefined && verdict.failures === 0 && warnsOfNotes(task)) return { relations, response, test: { ...verdict, undecided: note } };
  const notices = note === undefined ? [] : [diagnostic('test-note', { node: task.node.name, note }, { at: task.node.at })];
  if (verdict.failures === 0 || task.sampleRows === 0 || !(verdict.shouldWarn || verdict.shouldError)) return { relations, response, notices, test: verdict };
  const sample = (yield* query(rows, { limit: task.sampleRows })).table;
  return { relations, response, notices, test: { ...verdict, sample } };
}

function* limited(task: Task): Program<string> {
  const sql = trimSemicolon(task.sql);
  const limit = setting(task, 'limit');
  if (limit === undefined) return sql;
  if (customised(task.macros, ['get_limit_subquery_sql'])) return yield* task.macros.text('get_limit_subquery_sql', [sql, Number(limit)]);
  return `select *\nfrom (\n${sql}\n) as model_limit_subq\nlimit ${String(limit)}`;
}

function storedAs(task: Task): 'table' | 'view' | undefined {
  const as = setting(task, 'store_failures_as');
  const stores = setting(task, 'store_failures') ?? task.storeFailures;
  if (as === 'ephemeral') return undefined;
  if (as === 'table' || as === 'view') return as;
  if (as !== undefined) {
    const dbt = `'${String(as)}' is not a valid value for \`store_failures_as\`. Accepted values are: ['ephemeral', 'table', 'view']`;
    return refuse(task, 'store_failures_as', as, ['ephemeral', 'table', 'view'], dbt);
  }
  return stores === true ? 'table' : undefined;
}

/** Keeps the failing rows in a relation of their own, in the place of those of the last run. */
function* store(task: Task, type: 'table' | 'view', sql: string): Program<Relation> {
  const target = { ...task.relation, type };
  const old = yield* lookup({ ...task.relation, type: null });
  const { can } = task.dialect;
  const direct = (old === null || old.type === type) && (type === 'view' ? can.replaceView : can.replaceTable);
  if (!direct) yield* begin();
  if (old && !direct) yield* drop(task, old);
  yield* execute(
    type === 'view' ? task.dialect.createView(target, sql, { replace: direct }) : task.dialect.createTable(target, sql, { temporary: false, replace: direct }),
  );
  yield* note({ change: 'added', relation: target });
  if (!direct) yield* commit();
  return target;
}

function* judged(task: Task, rows: string): Program<{ readonly table: ResultTable; readonly response: Response }> {
  const calc = textSetting(task, 'fail_calc') ?? 'count(*)';
  const warn = textSetting(task, 'warn_if') ?? '!= 0';
  const error = textSetting(task, 'error_if') ?? '!= 0';
  const own = customised(task.macros, ['get_test_sql']);
  const sql = own ? yield* task.macros.text('get_test_sql', [rows, calc, warn, error, null]) : testStatement(rows, calc, warn, error, hasNotes(task));
  task.written(sql);
  return yield* query(sql);
}

/** Whether a test has rows that are no failures but tell something: those with a text in `dml_note`, which its `fail_calc` leaves out. */
function hasNotes(task: Task): boolean {
  return /\bdml_note\b/.test(task.sql);
}

/** What a test tells besides its verdict. */
function noteOf(table: ResultTable): string | undefined {
  const note = table.rows[0]?.[table.columns.findIndex((c) => c.name === 'dml_note')] ?? null;
  return note === null ? undefined : String(note);
}

function warnsOfNotes({ node }: Task): boolean {
  return node.resource_type === 'test' && node.test_metadata?.kwargs['on_warmup'] === 'warn';
}

/** The query of a test's failing rows as dbt wraps it: one row with their number and what the conditions say of it, and with its notes where it has some. */
export function testStatement(rows: string, calc: string, warn: string, error: string, notes = false): string {
  const noted = notes ? `,\n  string_agg(dml_note, '; ' order by dml_note) as dml_note` : '';
  return `select\n  ${calc} as failures,\n  ${calc} ${warn} as should_warn,\n  ${calc} ${error} as should_error${noted}\nfrom (\n${rows}\n) dbt_internal_test`;
}

function read(task: Task, table: ResultTable): { readonly failures: number; readonly shouldWarn: boolean; readonly shouldError: boolean } {
  const row = table.rows[0];
  const cell = (name: string): Cell => row?.[table.columns.findIndex((c) => c.name.toLowerCase() === name)] ?? null;
  const failures = Number(cell('failures'));
  // `sum(x)` over no rows is NULL, and what is compared with it too: dbt stops there, so that fail_calc says coalesce.
  if (table.rows.length !== 1 || cell('failures') === null || !Number.isFinite(failures)) {
    return fail('test-result', { node: task.node.name, calc: textSetting(task, 'fail_calc') ?? 'count(*)' }, { at: task.node.at });
  }
  return { failures, shouldWarn: truth(cell('should_warn')), shouldError: truth(cell('should_error')) };
}

const truth = (cell: Cell): boolean => cell === true || (typeof cell === 'number' && cell !== 0) || (typeof cell === 'string' && /^(t|true|1)$/i.test(cell));
