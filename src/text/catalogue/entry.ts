/** One kind of diagnostic: everything there is to say about it, in one place. */
export interface Entry<P> {
  readonly severity: 'error' | 'warning' | 'note';
  readonly message: (p: P) => string;
  readonly hint?: (p: P) => string | undefined;
  /** What it means and how to mend it: a few sentences of Markdown that `dml explain CODE` prints. */
  readonly explanation: string;
}

/** Declares an entry and keeps the type of its parameters. */
export function entry<P>(e: Entry<P>): Entry<P> {
  return e;
}
