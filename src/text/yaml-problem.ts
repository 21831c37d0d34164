/** The kinds of mistakes that have advice of their own. */
export type Mistake =
  | 'tab'
  | 'quote'
  | 'colon'
  | 'indent'
  | 'template'
  | 'block'
  | 'escape'
  | 'bracket'
  | 'indicator'
  | 'anchor'
  | 'document'
  | 'tag'
  | 'scalar'
  | 'control'
  | 'deep'
  | 'merge';

/** Reading stopped here: what is wrong, and where (offsets into the text). */
export class YamlProblem extends Error {
  readonly start: number;
  readonly end: number;
  readonly mistake: Mistake;
  constructor(message: string, start: number, end: number, mistake: Mistake) {
    super(message);
    this.start = start;
    this.end = end;
    this.mistake = mistake;
  }
}

/** Line breaks of YAML 1.1: LF, CR, NEL, LS, PS. */
export function isBreak(c: number): boolean {
  return c === 10 || c === 13 || (c >= 0x85 && (c === 0x85 || c === 0x2028 || c === 0x2029));
}
