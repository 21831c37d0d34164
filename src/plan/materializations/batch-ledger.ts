import type { Window } from '../../compile/index.ts';
import type { Microbatch, Node } from '../../resolve/index.ts';
import { type Dialect, execute, lookup, note, type Program, query, type Relation, renamed } from '../../sql/index.ts';
import { type Diagnostic, diagnostic } from '../../text/index.ts';
import { batchName, shifted, truncated } from '../batches.ts';
import type { Task } from '../materialization.ts';

const SUFFIX = '__dml_batches';

/** Whether a model keeps a ledger: `batch_ledger: true` in its configuration or, where dbt would warn of a key it does not know, in its `meta`. */
export function keepsLedger(node: Pick<Node, 'config'>): boolean {
  const { batch_ledger: own, meta } = node.config;
  return own === true || (typeof meta === 'object' && meta !== null && 'batch_ledger' in meta && meta.batch_ledger === true);
}

/** The table of finished batches, beside the model's own: `orders__dml_batches`. */
function ledgerOf(model: Relation, dialect: Dialect): Relation {
  let base = model.identifier ?? '';
  while (Buffer.byteLength(base) > dialect.maxIdentifier - SUFFIX.length) base = base.slice(0, -1);
  return renamed(model, base + SUFFIX, 'table');
}

/** `timestamp '2024-01-31 00:00:00'`, in UTC. */
function literal(micros: bigint): string {
  return `timestamp '${new Date(Number(micros / 1000n)).toISOString().slice(0, 19).replace('T', ' ')}'`;
}

/**
 * Notes that a batch is built: to be run in the transaction that builds it, so that a killed run leaves both or neither. `anew`: the table begins with
 * this batch. A first row without length says that everything since then is in the ledger; it is not there where the table is older than the ledger.
 */
export function* recordBatch(task: Task, anew: boolean): Program<void> {
  const { batch, dialect, node } = task;
  if (!batch || !keepsLedger(node)) return;
  const ledger = ledgerOf(task.relation, dialect);
  const name = dialect.render(ledger);
  const { window, model } = batch;
  yield* execute(`create table if not exists ${name} (batch_start timestamp not null, batch_end timestamp not null, finished_at timestamp not null)`);
  yield* note({ change: 'added', relation: ledger });
  const rows = [window, ...(anew ? [{ start: truncated(model.begin, model.size), end: truncated(model.begin, model.size) }] : [])];
  yield* execute(`delete from ${name}${anew ? '' : ` where batch_start = ${literal(window.start)} and batch_end > batch_start`}`);
  yield* execute(
    `insert into ${name} (batch_start, batch_end, finished_at) values ${rows.map((r) => `(${literal(r.start)}, ${literal(r.end)}, ${dialect.now})`).join(', ')}`,
  );
}

/** What is missing between the first batch of a model's ledger and the last: one diagnostic, or none. */
export function* reportGaps(node: Node, relation: Relation, model: Microbatch, dialect: Dialect): Program<readonly Diagnostic[]> {
  if (!keepsLedger(node)) return [];
  const ledger = yield* lookup({ ...ledgerOf(relation, dialect), type: null });
  if (!ledger) return [];
  const { table } = yield* query(`select batch_start, batch_end from ${dialect.render(ledger)} order by batch_start, batch_end`);
  const gaps = gapsOf(table.rows.map(([start, end]): Window => ({ start: instantOf(start), end: instantOf(end) })));
  const [first] = gaps;
  const last = gaps.at(-1);
  if (!first || !last) return [];
  const told = gaps.map(({ start, end }) => ({
    from: batchName(start, model.size),
    to: batchName(end - 1n, model.size),
    batches: count({ start, end }, model),
  }));
  return [diagnostic('microbatch-gap', { node: node.name, gaps: told, start: timeArgument(first.start), end: timeArgument(last.end) }, { at: node.at })];
}

function instantOf(cell: unknown): bigint {
  return BigInt(Date.parse(`${String(cell).slice(0, 19).replace(' ', 'T')}Z`)) * 1000n;
}

/** The windows that none of the given ones covers, between the first and the last. */
function gapsOf(built: readonly Window[]): readonly Window[] {
  const out: Window[] = [];
  let until = built[0]?.start ?? 0n;
  for (const { start, end } of built) {
    if (start > until) out.push({ start: until, end: start });
    if (end > until) until = end;
  }
  return out;
}

function count({ start, end }: Window, { size }: Microbatch): number {
  let n = 0;
  for (let at = start; at < end; at = shifted(at, size, 1)) n++;
  return n;
}

/** A time as `--event-time-start` takes it. */
function timeArgument(micros: bigint): string {
  const text = new Date(Number(micros / 1000n)).toISOString().slice(0, 19);
  return text.endsWith('T00:00:00') ? text.slice(0, 10) : text;
}
