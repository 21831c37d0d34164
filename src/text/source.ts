/** A text as it was read: the unit that spans point into. `path` is relative to the project, with forward slashes, as diagnostics print it. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
  /** The folder below which `path` is, where that is not the project's: that of an installed package. Shown before the path. */
  readonly folder?: string;
  /** A file of dml's macro library: nobody should look for it in the project. */
  readonly builtIn?: true;
  /** Where this text starts inside a bigger file (a macro cut from a file, a YAML scalar): offsets shift by it. Absent: 0. */
  readonly within?: { readonly file: SourceFile; readonly offset: number };
}

/** A half-open range of UTF-16 offsets into a file's text. Locations stay offsets until they are printed. */
export interface Span {
  readonly file: SourceFile;
  readonly start: number;
  readonly end: number;
}

/** One-based line and column (in UTF-16 units) of an offset. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

export function sourceFile(path: string, text: string): SourceFile {
  return { path, text };
}

/** The part of a file as a file of its own whose spans print as places in the whole. */
export function sourcePart(file: SourceFile, start: number, end: number): SourceFile {
  return { path: file.path, text: file.text.slice(start, end), within: { file, offset: start } };
}

/** A text as the part of the first of these files that holds it unchanged, so that its places are those of the file; else as a file called `path`. */
export function partOfAny(files: readonly SourceFile[], text: string, path: string): SourceFile {
  for (const file of files) {
    const offset = text === '' ? -1 : file.text.indexOf(text);
    if (offset >= 0) return { path: file.path, text, within: { file, offset } };
  }
  return { path, text };
}

export function span(file: SourceFile, start: number, end: number = start): Span {
  return { file, start, end };
}

/** The same place in the outermost file that holds it. */
export function outermost(at: Span): Span {
  let { file, start, end } = at;
  while (file.within) {
    start += file.within.offset;
    end += file.within.offset;
    file = file.within.file;
  }
  return { file, start, end };
}

export function position(text: string, offset: number): Position {
  let line = 1;
  let last = -1;
  for (let i = text.indexOf('\n'); i !== -1 && i < offset; i = text.indexOf('\n', i + 1)) {
    line++;
    last = i;
  }
  return { line, column: offset - last };
}

/** `path:line:column` of a span's start, in the outermost file. */
export function place(at: Span): string {
  const whole = outermost(at);
  const { line, column } = position(whole.file.text, whole.start);
  return `${shownPath(whole.file)}:${line}:${column}`;
}

/** A file's path as people write it: some of dbt's start with `./`. */
export function shownPath(file: SourceFile): string {
  return `${file.builtIn ? '(built in) ' : ''}${file.folder === undefined ? '' : `${file.folder}/`}${file.path.replace(/^\.\//, '')}`;
}
