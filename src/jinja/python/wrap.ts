import { valueError } from './core.ts';
import { codeLength, codePoints, codeSlice, strip } from './text.ts';

const blank = '[\\t\\n\\v\\f\\r ]';
const solid = '[^\\t\\n\\v\\f\\r ]';
const word = '[\\p{L}\\p{N}_]';
const letter = '(?:(?!\\p{Nd})[\\p{L}\\p{N}_])';
const punctuation = '[\\p{L}\\p{N}_!"\'&.,?]';

// A chunk is a run of space, a dash between words, or (part of) a word: up to a hyphen between letters, the end, or a dash.
const hyphenated = `-(?:(?<=${letter}{2}-)|(?<=${letter}-${letter}-))(?=${letter}-?${letter})`;
const chunkPattern = `(${blank}+|(?<=${punctuation})-{2,}(?=${word})|${solid}+?(?:${hyphenated}|(?=${blank}|$)|(?<=${punctuation})(?=-{2,}${word})))`;

/** How {@link wrapText} breaks lines. */
export interface WrapOptions {
  readonly width: number;
  readonly breakLongWords: boolean;
  readonly breakOnHyphens: boolean;
}

/** The lines that one paragraph fills, each at most `width` code points, as Python's textwrap breaks them. */
export function wrapText(text: string, options: WrapOptions): string[] {
  if (options.width <= 0) throw valueError(`invalid width ${options.width} (must be > 0)`);
  const pattern = new RegExp(options.breakOnHyphens ? chunkPattern : `(${blank}+)`, 'u');
  const chunks = text.split(pattern).filter((chunk) => chunk !== '' && chunk !== undefined);
  chunks.reverse();
  const lines: string[] = [];
  while (chunks.length > 0) {
    if (lines.length > 0 && strip(chunks.at(-1) as string) === '') chunks.pop();
    const line = takeLine(chunks, options);
    if (line.length > 0 && strip(line.at(-1) as string) === '') line.pop();
    if (line.length > 0) lines.push(line.join(''));
  }
  return lines;
}

/** Takes the chunks of one line off the (reversed) list. */
function takeLine(chunks: string[], options: WrapOptions): string[] {
  const line: string[] = [];
  let used = 0;
  while (chunks.length > 0) {
    const size = codeLength(chunks.at(-1) as string);
    if (used + size > options.width) break;
    line.push(chunks.pop() as string);
    used += size;
  }
  const next = chunks.at(-1);
  if (next === undefined || codeLength(next) <= options.width) return line;
  if (!options.breakLongWords) {
    if (line.length === 0) line.push(chunks.pop() as string);
    return line;
  }
  const room = options.width - used;
  const cut = options.breakOnHyphens ? hyphenCut(next, room) : room;
  line.push(codeSlice(next, 0, cut));
  chunks[chunks.length - 1] = codeSlice(next, cut);
  return line;
}

/** Where a long word is cut: after its last hyphen that fits, when something other than hyphens stands before it. */
function hyphenCut(chunk: string, room: number): number {
  const head = codePoints(chunk).slice(0, Math.max(0, room));
  const at = head.lastIndexOf('-');
  return at > 0 && head.slice(0, at).some((ch) => ch !== '-') ? at + 1 : room;
}
