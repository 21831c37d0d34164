import type { JsonMap } from '../resolve/index.ts';
import { plain } from './paint.ts';

export type Level = 'debug' | 'info' | 'warn' | 'error';

/** One event of the log, with dbt's name, code and data: what the text lines, the JSON lines and the log file are made of. */
export interface LogLine {
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly level: Level;
  readonly name: string;
  readonly code: string;
  /** May hold colours. */
  readonly message: string;
  readonly data: JsonMap;
  readonly thread: string;
  /** Output rather than log (`print()`, `show`, `ls`): no time in front, and not silenced by `--quiet`. */
  readonly output?: boolean;
}

const RANK: Readonly<Record<Level | 'none', number>> = { debug: 0, info: 1, warn: 2, error: 3, none: 4 };

/** Whether a line of this level passes a threshold. */
export function passes(level: Level, least: Level | 'none'): boolean {
  return RANK[level] >= RANK[least];
}

/** `HH:MM:SS  message`, in UTC. */
export function textLine(line: LogLine): string {
  return line.output ? line.message : `${iso(line.time).slice(11, 19)}  ${line.message}`;
}

/** `HH:MM:SS.ffffff [level] [thread]: message`, as the log file has it. */
export function debugLine(line: LogLine): string {
  return `${iso(line.time).slice(11, 23)}000 [${line.level.padEnd(5)}] [${line.thread}]: ${plain(line.message)}`;
}

/** What every JSON line carries. */
export interface LogContext {
  readonly invocationId: string;
  readonly pid: number;
}

/** One JSON object in dbt's shape: `{"data": ..., "info": ...}`. */
export function jsonLine(line: LogLine, context: LogContext): string {
  return JSON.stringify({
    data: line.data,
    info: {
      category: '',
      code: line.code,
      extra: {},
      invocation_id: context.invocationId,
      level: line.level,
      msg: plain(line.message),
      name: line.name,
      pid: context.pid,
      thread: line.thread,
      ts: micros(line.time),
    },
  });
}

/** `2026-01-02T03:04:05.678000Z` */
export function micros(time: number): string {
  return `${iso(time).slice(0, 23)}000Z`;
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
