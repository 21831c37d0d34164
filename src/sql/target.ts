/** One output of a profile after rendering: `type` picks the adapter, which checks the rest. */
export interface Target {
  readonly profileName: string;
  /** Name of the output, `target.name`. */
  readonly name: string;
  readonly type: string;
  readonly threads: number;
  readonly database: string;
  readonly schema: string;
  /** All keys of the output as written (rendered), secrets included. */
  readonly settings: Readonly<Record<string, unknown>>;
}
