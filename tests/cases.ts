// "A test is a small document": Markdown files under tests/cases/<room>/ whose `##` sections are cases. CONTRIBUTING.md shows one.
//
// Inside a section, top to bottom, as steps of one story in one temporary directory:
//   `models/orders.sql`:            and a fenced block: the file is written. The language `hex` writes bytes.
//   ```text output of `dml ls` ```  the command is run and what it prints is compared: stdout, stderr, then `exit code: N` unless it is 0.
//   ```sql content of `PATH` ```    a file that the commands before it wrote.
// Steps before the first `##` are put in front of every case. Where a section runs nothing, `dml parse` is run at its end.
// A line of a file may end in `-- error: COLUMN [code]` (`#` instead of `--` outside SQL): the errors and warnings that the commands print with a place in
// the case's files must be exactly these. Markers are cut off before the file is written.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** What one command did. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `dml ARGV` in a project directory. */
export type RunCommand = (argv: readonly string[], dir: string) => Promise<Outcome>;

/** The lines between the fences of a block: zero-based, `end` excluded. */
interface Lines {
  readonly start: number;
  readonly end: number;
}

type Step = { readonly lines: Lines; readonly text: string } & (
  | { readonly kind: 'file'; readonly path: string; readonly hex: boolean; readonly shared: boolean }
  | { readonly kind: 'output'; readonly command: string }
  | { readonly kind: 'content'; readonly path: string }
);

export interface Case {
  readonly name: string;
  /** One-based line of its heading. */
  readonly line: number;
  readonly steps: readonly Step[];
}

/** A block that does not say what happened: rewritten by `--update`. */
export interface Edit {
  readonly lines: Lines;
  readonly text: string;
}

export interface CaseReport {
  /** What the document says, and what happened, in the same order: equal when the case holds. */
  readonly expected: readonly string[];
  readonly actual: readonly string[];
  readonly edits: readonly Edit[];
}

const marker = /[ \t]*(?:--|#) (error|warning): (\d+) \[([a-z0-9-]+)\]$/;

/** Reads a document's cases. Throws on a block that is neither a file nor an expectation, so that none is skipped unseen. */
export function parseCases(text: string): Case[] {
  const lines = text.split('\n');
  const shared: Step[] = [];
  const cases: { name: string; line: number; steps: Step[] }[] = [];
  let told = '';
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i] ?? '';
    const heading = /^## (.+)$/.exec(line)?.[1];
    if (heading !== undefined) cases.push({ name: heading, line: i + 1, steps: [...shared] });
    const fence = /^(`{3,})(.*)$/.exec(line);
    if (fence) {
      const end = lines.indexOf(fence[1] ?? '', i + 1);
      if (end === -1) throw new Error(`line ${i + 1}: the block does not end`);
      const current = cases.at(-1);
      const step = parseStep(told, fence[2] ?? '', { start: i + 1, end }, lines.slice(i + 1, end).join('\n'), current === undefined);
      if (step === undefined) throw new Error(`line ${i + 1}: a block needs \`path\`: before it, or "output of" or "content of" in its first line`);
      (current?.steps ?? shared).push(step);
      i = end;
      told = '';
    } else if (line.trim() !== '') told = line;
  }
  if (cases.length === 0) throw new Error('the document has no case: a case starts with "## "');
  return cases;
}

function parseStep(told: string, info: string, lines: Lines, text: string, shared: boolean): Step | undefined {
  const subject = /^\S+ (output|content) of `(.+)`$/.exec(info);
  if (subject?.[2] !== undefined) {
    return subject[1] === 'output' ? { kind: 'output', command: subject[2], lines, text } : { kind: 'content', path: subject[2], lines, text };
  }
  const file = /^`([^`]+)`:$/.exec(told)?.[1];
  return file === undefined ? undefined : { kind: 'file', path: file, hex: info === 'hex', shared, lines, text };
}

/** Plays a case in a new temporary directory. */
export async function runCase(given: Case, run: RunCommand): Promise<CaseReport> {
  const dir = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'dml-case-')));
  try {
    return await play(given, dir, run);
  } finally {
    fs.rmSync(dir, { recursive: true, force: true });
  }
}

async function play(given: Case, dir: string, run: RunCommand): Promise<CaseReport> {
  const expected: string[] = [];
  const actual: string[] = [];
  const edits: Edit[] = [];
  const reported: Printed[] = [];
  let shown = 0;
  const execute = async (command: string): Promise<Outcome> => {
    const outcome = await run(words(command).slice(1), dir);
    reported.push(...diagnostics(`${outcome.stdout}\n${outcome.stderr}`));
    return outcome;
  };
  for (const step of given.steps) {
    if (step.kind === 'file') {
      write(dir, step);
      continue;
    }
    const text = step.kind === 'output' ? render(await execute(step.command), dir) : read(dir, step.path);
    if (step.kind === 'output') shown++;
    expected.push(step.text.trimEnd());
    actual.push(text);
    if (text !== step.text.trimEnd()) edits.push({ lines: step.lines, text });
  }
  if (shown === 0) await execute('dml parse');
  const marks = compareMarks(given, reported, shown > 0);
  return { expected: [...expected, ...marks.expected], actual: [...actual, ...marks.actual], edits: [...edits, ...marks.edits] };
}

/** A diagnostic as it was printed. */
interface Printed {
  /** `severity[code]: message`. */
  readonly head: string;
  /** The file it is in, if it has a place, and `LINE: severity: COLUMN [code]`. */
  readonly at?: { readonly file: string; readonly mark: string };
}

/** Every error and warning in a command's text: a head, more lines of message perhaps, then the place. */
function diagnostics(text: string): Printed[] {
  const found: Printed[] = [];
  for (const [head, severity, code, below] of text.matchAll(/\b(error|warning)\[([a-z0-9-]+)\]: .*((?:\n(?![ \d:]*(?:error|warning|note|hint)\b).*)*)/g)) {
    const [, file, line, column] = /^ {2,4}(\S.*):(\d+):(\d+)$/m.exec(below ?? '') ?? [];
    found.push({ head: head.split('\n')[0] ?? '', ...(file !== undefined && { at: { file, mark: `${line}: ${severity}: ${column} [${code}]` } }) });
  }
  return found;
}

/** Markers against diagnostics. One without a place in a file of the case can only be seen in an output block, and counts where there is none; bytes cannot hold a marker, so theirs too. */
function compareMarks(given: Case, reported: readonly Printed[], shown: boolean): CaseReport {
  // A file that is written again is marked as it was in the end.
  const files = given.steps.filter((s) => s.kind === 'file').filter((f, i, all) => !all.slice(i + 1).some((later) => later.path === f.path));
  const expected = files.flatMap((f) => marksOf(f).map((m) => `${f.path}:${m}`));
  const placed = new Map<string, Set<string>>();
  const unplaced: string[] = [];
  for (const { head, at } of reported) {
    if (at && files.some((f) => f.path === at.file && !(f.hex && shown))) placed.set(at.file, (placed.get(at.file) ?? new Set()).add(at.mark));
    else if (!shown) unplaced.push(head);
  }
  const actual = [...placed].flatMap(([file, marks]) => [...marks].map((m) => `${file}:${m}`));
  const edits = files.filter((f) => !f.shared && !f.hex).flatMap((f) => remark(f, placed.get(f.path) ?? new Set()));
  return { expected: expected.toSorted(), actual: [...actual.toSorted(), ...unplaced], edits };
}

/** `LINE: severity: COLUMN [code]` of every marker of a file. */
function marksOf(file: { readonly text: string; readonly hex: boolean }): string[] {
  if (file.hex) return [];
  return file.text.split('\n').flatMap((line, i) => cut(line).marks.map((m) => `${i + 1}: ${m}`));
}

/** A line and the markers at its end, first one first. */
function cut(line: string): { readonly code: string; readonly marks: readonly string[] } {
  const marks: string[] = [];
  for (let m = marker.exec(line); m; m = marker.exec(line)) {
    marks.unshift(`${m[1]}: ${m[2]} [${m[3]}]`);
    line = line.slice(0, m.index);
  }
  return { code: line, marks };
}

/** The file's block with the markers that would be right, if that is not what it says. */
function remark(file: { readonly path: string; readonly text: string; readonly lines: Lines }, marks: ReadonlySet<string>): Edit[] {
  const comment = file.path.endsWith('.sql') ? '--' : '#';
  const right = [...marks].toSorted();
  const lines = file.text.split('\n').map((line, i) => {
    const own = right.filter((m) => m.startsWith(`${i + 1}: `)).map((m) => m.slice(m.indexOf(' ') + 1));
    const had = cut(line);
    if (own.join() === had.marks.toSorted().join()) return line;
    return own.length === 0 ? had.code : `${had.code}  ${own.map((m) => `${comment} ${m}`).join(' ')}`;
  });
  const text = lines.join('\n');
  return text === file.text ? [] : [{ lines: file.lines, text }];
}

/** Writes the files of a case into a directory; answers the arguments of its first command, `parse` where it has none. */
export function writeCase(given: Case, dir: string): readonly string[] {
  for (const step of given.steps) if (step.kind === 'file') write(dir, step);
  const command = given.steps.find((s) => s.kind === 'output');
  return command?.kind === 'output' ? words(command.command).slice(1) : ['parse'];
}

function write(dir: string, file: { readonly path: string; readonly text: string; readonly hex: boolean }): void {
  const target = path.join(dir, file.path);
  fs.mkdirSync(path.dirname(target), { recursive: true });
  const clean = file.text.split('\n').map((line) => cut(line).code);
  // A block of one empty line, which may hold a marker, is an empty file.
  const text = clean.join('\n') === '' ? '' : `${clean.join('\n')}\n`;
  fs.writeFileSync(target, file.hex ? Buffer.from(file.text.replace(/\s/g, ''), 'hex') : text);
}

function read(dir: string, file: string): string {
  const target = path.join(dir, file);
  return fs.existsSync(target) ? fs.readFileSync(target, 'utf8').trimEnd() : '(no such file)';
}

function render(outcome: Outcome, dir: string): string {
  const end = outcome.code === 0 ? [] : [`exit code: ${outcome.code}`];
  const parts = [outcome.stdout.trimEnd(), outcome.stderr.trimEnd(), ...end].filter((part) => part !== '');
  return (
    parts
      .join('\n')
      .replaceAll(dir, '<dir>')
      // How many macros dml brings along is nothing that a case is about.
      .replace(/^(.* {2}Found .*?)\d+ macros/gm, '$1N macros')
      .replace(/[ \t]+$/gm, '')
  );
}

/** A command line's words; single and double quotes group. */
function words(command: string): string[] {
  return [...command.matchAll(/(?:[^\s'"]|'[^']*'|"[^"]*")+/g)].map((m) => m[0].replace(/'([^']*)'|"([^"]*)"/g, (_, a, b) => a ?? b));
}

/** The document with its edited blocks. */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  const lines = text.split('\n');
  for (const { lines: at, text: block } of edits.toSorted((a, b) => b.lines.start - a.lines.start)) {
    lines.splice(at.start, at.end - at.start, ...(block === '' ? [] : block.split('\n')));
  }
  return lines.join('\n');
}
