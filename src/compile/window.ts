import type { EventTimeFilter } from '../context/index.ts';
import { PyDateTime, utcDatetime, type Value } from '../jinja/index.ts';
import type { Node, SourceNode } from '../resolve/index.ts';
import type { Dialect } from '../sql/index.ts';

/** A window of time, in microseconds since 1970 (UTC): from `start` up to but without `end`. */
export interface Window {
  readonly start: bigint;
  readonly end: bigint;
}

/** One batch of a microbatch model. */
export interface Batch extends Window {
  /** `20240131`, as templates read it at `model.batch.id`. */
  readonly id: string;
  /** `2024-01-31`: how it is called in lines and files. */
  readonly name: string;
}

/** A time as templates see it: a datetime in UTC. */
export function instantValue(micros: bigint): PyDateTime {
  const { zone } = utcDatetime(0);
  return PyDateTime.local(micros, zone);
}

/** `2024-01-31T00:00:00+00:00`, as run_results.json holds it. */
export function instantText(micros: bigint): string {
  return instantValue(micros).isoformat();
}

/** What `model.batch` holds. */
export function batchEntries(batch: Batch): readonly (readonly [string, Value])[] {
  return [
    ['id', batch.id],
    ['event_time_start', instantValue(batch.start)],
    ['event_time_end', instantValue(batch.end)],
  ];
}

/** The filter on the rows of what is referred to: the window, where the target says which column is its time. */
export function timeFilter(target: Node | SourceNode, window: Window, dialect: Dialect): EventTimeFilter | undefined {
  const name = target.config['event_time'];
  if (typeof name !== 'string' || name === '') return undefined;
  return { field: quotes(target, name) ? dialect.quote(name) : name, start: instantValue(window.start).str(), end: instantValue(window.end).str() };
}

/** Whether the column is to be quoted: what its own entry says comes before what its source says of all columns. */
function quotes(target: Node | SourceNode, name: string): boolean {
  const own = Object.values(target.columns).find((c) => c.name === name)?.quote;
  if (typeof own === 'boolean') return own;
  return target.resource_type === 'source' && target.quoting['column'] === true;
}
