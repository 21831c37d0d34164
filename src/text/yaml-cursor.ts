import { isBreak, YamlProblem } from './yaml-problem.ts';
import { afterBreak, endsKey, isBlank, isDocumentMark } from './yaml-scalar.ts';

/** A place in a YAML text, and the moves that do not depend on what is being read. */
export class Cursor {
  /** The text, with a NUL at its end. */
  protected readonly source: string;
  protected pos: number;
  protected lineStart: number;
  /** Nothing but blanks stands between the start of the line and `pos`. */
  protected fresh = true;

  constructor(source: string, start: number) {
    this.source = source;
    this.pos = start;
    this.lineStart = start;
  }

  protected code(): number {
    return this.source.charCodeAt(this.pos);
  }

  /** The column of the token at `pos`, or -1 at the end of the document. */
  protected column(): number {
    const c = this.source.charCodeAt(this.pos);
    if (c === 0) return -1;
    const column = this.pos - this.lineStart;
    return column === 0 && (c === 45 || c === 46) && isDocumentMark(this.source, this.pos) ? -1 : column;
  }

  /** Goes on to the next token, over blanks, comments and line breaks. */
  protected skip(flow = false): void {
    const source = this.source;
    let at = this.pos;
    let tab = -1;
    for (;;) {
      const c = source.charCodeAt(at);
      if (c === 32) at++;
      else if (c === 9) {
        if (this.fresh && tab === -1) tab = at;
        at++;
      } else if (c === 35) {
        for (let d = source.charCodeAt(++at); d !== 10 && d !== 0 && !isBreak(d); ) d = source.charCodeAt(++at);
        tab = -1;
      } else if (c === 10 || isBreak(c)) {
        at = afterBreak(source, at);
        this.lineStart = at;
        this.fresh = true;
        tab = -1;
      } else break;
    }
    this.pos = at;
    if (tab !== -1 && !flow && source.charCodeAt(at) !== 0) throw new YamlProblem('a tab indents this line; YAML allows only spaces', tab, tab + 1, 'tab');
  }

  /** Whether the token at `pos` is the indicator `c` standing alone. */
  protected indicator(c: number): boolean {
    if (this.code() !== c) return false;
    const next = this.source.charCodeAt(this.pos + 1);
    return next === 32 || next === 0 || next === 9 || isBreak(next);
  }

  /** Whether a `:` that makes a key follows on this line; goes to it. */
  protected atColon(): boolean {
    let at = this.pos;
    while (isBlank(this.source.charCodeAt(at))) at++;
    if (this.source.charCodeAt(at) !== 58 || !endsKey(this.source, at + 1, false)) return false;
    this.pos = at;
    return true;
  }

  protected newLines(start: number, end: number): void {
    for (let at = start; at < end; at++) if (isBreak(this.source.charCodeAt(at))) this.lineStart = afterBreak(this.source, at);
  }

  protected oneLine(line: number, start: number, end: number): void {
    if (this.lineStart !== line) throw new YamlProblem('a key needs a `: ` after it, on its own line', start, this.lineEnd(start, end), 'colon');
    if (end - start > 1024) throw new YamlProblem('a key can have at most 1,024 characters', start, this.lineEnd(start, end), 'indent');
  }

  protected lineEnd(start: number, end: number): number {
    for (let at = start; at < end; at++) if (isBreak(this.source.charCodeAt(at))) return at;
    return end;
  }
}
