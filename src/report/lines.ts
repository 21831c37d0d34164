import type { Manifest } from '../resolve/index.ts';
import type { LogLine } from './log.ts';
import type { Paint } from './paint.ts';

/** What the lines of a run are made with. */
export interface LineSettings {
  readonly manifest: Manifest;
  readonly paint: Paint;
  /** `--printer-width`: where the dots of a line end. */
  readonly width: number;
  /** `--print`: whether `print()` of templates is shown. */
  readonly print: boolean;
}

/** A line of the log before it has a time. */
export type Part = Pick<LogLine, 'name' | 'code' | 'message'> & Partial<Pick<LogLine, 'level' | 'data' | 'thread' | 'output'>>;

/** dbt's empty line between the parts of a run. */
export const EMPTY_LINE: Part = { name: 'Formatting', code: 'Z017', message: '', data: { msg: '' } };
