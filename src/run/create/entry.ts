import type { Json, JsonMap } from '../../resolve/index.ts';

/** Rows of a unit test that is to be written: a list, or SQL where YAML cannot say them. */
export interface WrittenRows {
  /** As `input:` has it; undefined for the expected rows. */
  readonly input?: string;
  readonly rows: readonly JsonMap[] | string;
}

/** A unit test that is to be written. */
export interface WrittenTest {
  readonly name: string;
  readonly model: string;
  readonly version: string | number | null;
  /** What `is_incremental()` answers, for a model that asks. */
  readonly incremental: boolean | undefined;
  readonly given: readonly WrittenRows[];
  readonly expect: WrittenRows;
}

/** Columns up to which the lines of a row go. */
const WIDTH = 130;

/** The entry of a list of unit tests as lines of YAML, the first one with its dash, all without the indentation of the list. */
export function entryLines({ name, model, version, incremental, given, expect }: WrittenTest): readonly string[] {
  return [
    `- name: ${scalar(name)}`,
    `  model: ${scalar(model)}`,
    ...(version === null ? [] : [`  versions: {include: [${scalar(version)}]}`]),
    ...(incremental === undefined ? [] : ['  overrides:', `    macros: {is_incremental: ${incremental}}`]),
    ...(given.length === 0 ? ['  given: []'] : ['  given:']),
    ...given.flatMap(({ input = '', rows }) => [`    - input: ${plain(input) ? input : scalar(input)}`, ...rowLines(rows).map((line) => `      ${line}`)]),
    '  expect:',
    ...rowLines(expect.rows).map((line) => `    ${line}`),
  ];
}

function rowLines(rows: WrittenRows['rows']): readonly string[] {
  if (typeof rows === 'string') return ['format: sql', ...textLines(rows)];
  if (rows.length === 0) return ['rows: []'];
  return ['rows:', ...rows.flatMap(oneRow).map((line) => `  ${line}`)];
}

/** A row between braces, on as many lines as it needs. */
function oneRow(row: JsonMap): readonly string[] {
  const lines = ['- {'];
  Object.entries(row).forEach(([key, value], i, all) => {
    const cell = `${scalar(key)}: ${scalar(rendering(value))}${i === all.length - 1 ? '}' : ','}`;
    const line = lines.at(-1) as string;
    if (i === 0) lines[0] = line + cell;
    else if (line.length + cell.length < WIDTH) lines[lines.length - 1] = `${line} ${cell}`;
    else lines.push(`   ${cell}`);
  });
  return lines;
}

/** A text that is this one when it is rendered, as all texts of rows are: tags, carriage returns and a line's end at the very end would not stay. */
function rendering(value: Json): Json {
  if (typeof value !== 'string') return value;
  return value
    .replace(/\{(?=[{%#])/g, "{{ '{' }}")
    .replaceAll('\r', "{{ '\\r' }}")
    .replace(/\n$/, "{{ '\\n' }}");
}

/** SQL as a block, unless that would change it. */
function textLines(text: string): readonly string[] {
  const lines = text.split('\n');
  if (lines.some((line) => !PRINTED.test(line) || line.endsWith(' '))) return [`rows: ${quoted(text)}`];
  return ['rows: |', ...lines.map((line) => (line === '' ? '' : `  ${line}`))];
}

/** A value in YAML 1.1, in blocks and between braces alike. */
export function scalar(value: Json): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'number') return String(value);
  const text = String(value);
  if (/^[A-Za-z_][\w.-]*(?: [\w.-]+)*$/.test(text) && !WORDS.test(text)) return text;
  return PRINTED.test(text) ? `'${text.replaceAll("'", "''")}'` : quoted(text);
}

/** A line of characters that every reader leaves as they are. */
const PRINTED = /^[\x20-\x7e\xa0-\u2027\u202a-\ud7ff]*$/;

/** What YAML 1.1 takes for something else than a text. */
const WORDS = /^(?:y|n|yes|no|on|off|true|false|null|nan|inf)$/i;

/** `ref('x')` needs no quotes, `source('a', 'b')` neither: both are read as they stand. */
function plain(input: string): boolean {
  return /^[a-z]+(?:\([\w', =]*\))?$/.test(input);
}

/** In double quotes, with everything escaped that a reader might take for a line's end or refuse. */
function quoted(text: string): string {
  const escaped = [...text].map((ch) => {
    const code = ch.codePointAt(0) ?? 0;
    if (ch === '"' || ch === '\\') return `\\${ch}`;
    if (ch === '\n') return '\\n';
    if (ch === '\t') return '\\t';
    if (PRINTED.test(ch)) return ch;
    return code > 0xffff ? `\\U${code.toString(16).padStart(8, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
  });
  return `"${escaped.join('')}"`;
}
