import { type Program, type Signature, str, type Value } from '../jinja/index.ts';
import type { Span } from '../text/index.ts';
import type { Names } from './names.ts';

/** What the run-time facade needs beyond the names: incremental strategies of the engine, the base folder of external files. */
export interface AdapterHost {
  readonly names: Names;
  /** The relation's columns, types and rows come by effects; these are plain facts of the profile. */
  readonly strategies: readonly string[];
  readonly externalRoot: string;
  readonly disableTransactions: boolean;
  /** Answers of batch-aware packages that warn once a run. */
  readonly warned: Set<string>;
}

/** Arguments by position, undefined where an optional one is absent. */
export type Arguments = readonly (Value | undefined)[];
type Plain = (a: Arguments, host: Facade, at: Span) => Value;
/** What a method asks of the database before it answers. */
export type Steps = (a: Arguments, host: Facade, at: Span) => Program;

/** A method of `adapter`: it answers at once, or by asking the database. */
export interface Method {
  readonly sig: Signature;
  /** What the method answers while parsing; absent: the same as at run time. */
  readonly stub?: (host: Facade) => Value;
  readonly plain?: Plain;
  readonly steps?: Steps;
}

/** What a method knows of where it is called; `run` is undefined while parsing. */
export interface Facade {
  readonly names: Names;
  readonly run: AdapterHost | undefined;
}

/** Methods by their names. */
export type Methods = readonly (readonly [name: string, method: Method])[];

/** What a method answers that has nothing to say: None, no items, False. */
export const none = (): Value => null;
export const list = (): Value => [];
export const no = (): Value => false;

/** The text of a value; null for None and where there is none. */
export function textOrNull(v: Value | undefined): string | null {
  return v === undefined || v === null ? null : str(v);
}
