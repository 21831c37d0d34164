/** Everything of the process that commands may touch, so that they run the same in a test. */
export interface World {
  /** Absolute. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The user's home directory, absolute. */
  readonly home: string;
  readonly pid: number;
  readonly stdout: Output;
  readonly stderr: Output;
  /** The size of the terminal that stdout is; undefined when it is a file or a pipe. */
  readonly terminal: (() => { readonly columns: number; readonly rows: number }) | undefined;
  /** Asks the user and answers the line typed; undefined where stdin is no terminal and nobody can be asked. */
  readonly ask: ((question: string) => Promise<string>) | undefined;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Calls back every so many milliseconds until the function it answers is called. */
  readonly every: (milliseconds: number, call: () => void) => () => void;
  /** Aborted by the first interrupt (Ctrl-C). */
  readonly signal: AbortSignal;
  /** The id of this invocation, a UUID. */
  readonly invocationId: string;
  /** Where `templates/` is, absolute, ending in a slash. */
  readonly templates: string;
  /** The index of the macro library (a file made when dml is built); undefined: the library is parsed. */
  readonly library: string | undefined;
}

export interface Output {
  write(text: string): void;
}

/** Whether dml was called by the name of dbt: the program that `dml install-shim` writes says so. */
export function isDbt({ env }: World): boolean {
  return env['DML_AS_DBT'] === '1';
}
