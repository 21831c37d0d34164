import { createReadStream } from 'node:fs';
import { type Load, postgres, type Relation } from '../../sql/index.ts';
import { Fields, fieldText, scanRecord } from '../../text/index.ts';

/** The bytes of a COPY and the statement they belong to. `header`: lines of the file in front of the first record that is sent. */
export interface Copy {
  readonly sql: string;
  readonly data: AsyncIterable<Buffer | string>;
  readonly header: number;
}

/** How to load a file: as it is where the server reads it as dml does, else record by record. `names`: the table's own columns. */
export function copyOf(relation: Relation, load: Load, names: readonly string[]): Copy {
  const table = `${postgres.render(relation)} (${columnsOf(load, names)
    .map((n) => postgres.quote(n))
    .join(', ')})`;
  if (isPlain(load)) {
    return { sql: `copy ${table} from stdin with (format csv, header, delimiter ${delimiterSql(load)})`, data: bytes(load.file), header: 0 };
  }
  return { sql: `copy ${table} from stdin`, data: records(load), header: 1 };
}

const delimiterSql = (load: Load): string => `E'${load.delimiter === '\t' ? '\\t' : load.delimiter.replace(/[\\']/g, '\\$&')}'`;

/** The file's columns as the table spells them: names that were not quoted are in lower case there. */
function columnsOf(load: Load, names: readonly string[]): readonly string[] {
  const exact = new Set(names);
  const folded = new Map(names.map((n) => [n.toLowerCase(), n]));
  return load.columns.map((c) => (exact.has(c.name) ? c.name : (folded.get(c.name.toLowerCase()) ?? c.name)));
}

const isText = (type: string): boolean => /^(text|varchar|char|bpchar|string|character)\b/i.test(type);

/** Whether the server's own reader takes every record as dml's does. */
const isPlain = (load: Load): boolean => load.plain === true && !load.pad && load.delimiter.length === 1 && load.columns.every((c) => c.clean === undefined);

async function* bytes(file: string): AsyncGenerator<Buffer> {
  let first = true;
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 18 })) {
    const buffer = chunk as Buffer;
    yield first ? buffer.subarray(markOf(buffer)) : buffer;
    first = false;
  }
}

/** Bytes of the mark that some editors put in front of a file. */
const markOf = (buffer: Buffer): number => (buffer[0] === 0xef && buffer[1] === 0xbb && buffer[2] === 0xbf ? 3 : 0);

/** The records below the header in COPY's text form. */
async function* records(load: Load): AsyncGenerator<string> {
  const fields = new Fields();
  const delimiter = load.delimiter.charCodeAt(0);
  let rest: Buffer = Buffer.alloc(0);
  let header = true;
  let start = true;
  const take = (buffer: Buffer, from: number, last: boolean): { readonly out: string; readonly used: number } => {
    let out = '';
    let at = from;
    while (at < buffer.length) {
      const next = scanRecord(buffer, at, buffer.length, delimiter, last, fields);
      if (next === -1) break;
      const blank = fields.count === 1 && fields.starts[0] === fields.ends[0] && buffer[at] !== 34 && load.columns.length > 1;
      if (!header && !blank) out += `${line(buffer, fields, load)}\n`;
      header = false;
      at = next;
    }
    return { out, used: at };
  };
  for await (const chunk of createReadStream(load.file, { highWaterMark: 1 << 18 })) {
    const buffer = rest.length === 0 ? (chunk as Buffer) : Buffer.concat([rest, chunk as Buffer]);
    const { out, used } = take(buffer, start ? markOf(buffer) : 0, false);
    start = false;
    rest = buffer.subarray(used);
    if (out !== '') yield out;
  }
  const { out } = take(rest, 0, true);
  if (out !== '') yield out;
}

function line(bytes: Buffer, fields: Fields, load: Load): string {
  let out = '';
  load.columns.forEach((column, i) => {
    const value = i < fields.count ? readCell(fieldText(bytes, fields, i), column) : null;
    out += `${i === 0 ? '' : '\t'}${value === null ? '\\N' : escaped(value)}`;
  });
  return out;
}

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };
const escaped = (text: string): string => (/[\\\t\n\r]/.test(text) ? text.replace(/[\\\t\n\r]/g, (c) => ESCAPES[c] as string) : text);

/** The value as the server reads it: dbt loads seeds through agate on Postgres, for which the empty field and the word null are NULL, in text too. */
function readCell(text: string, column: Load['columns'][number]): string | null {
  if (text === '') return null;
  const bare = text.length > 64 ? text : text.trim();
  if (bare === '' || (bare.length === 4 && bare.toLowerCase() === 'null'))
    return column.clean !== undefined || bare !== '' || !isText(column.type) ? null : text;
  if (column.clean === undefined) return text;
  if (column.clean === 'space') return bare;
  const digits = bare
    .replace(/^%+|%+$/g, '')
    .replace(/^(-?)[؋$ƒ៛¥₡₱£€¢﷼₪₩₭₮₦฿₤₫]+/, '$1')
    .replace(/[؋$ƒ៛¥₡₱£€¢﷼₪₩₭₮₦฿₤₫]+$/, '')
    .replace(/[,_]/g, '');
  // `1e3` and `1.0` are integers too where the column is one.
  return /^(integer|bigint)$/i.test(column.type) && /[.e]/i.test(digits) ? String(Number(digits)) : digits;
}
