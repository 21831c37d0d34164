import { readFileSync } from 'node:fs';
import { Fields, fieldText, scanRecord } from '../../text/index.ts';

/** The records of a CSV file below its header, blank lines left out; the whole file is read at once. */
export function csvRecords(file: string, delimiter: string): readonly (readonly string[])[] {
  const bytes = readFileSync(file);
  const fields = new Fields();
  const out: string[][] = [];
  let at = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  for (let header = true; at < bytes.length; header = false) {
    at = scanRecord(bytes, at, bytes.length, delimiter.charCodeAt(0), true, fields);
    const blank = fields.count === 1 && fields.starts[0] === fields.ends[0];
    if (!header && !blank) out.push(Array.from({ length: fields.count }, (_, i) => fieldText(bytes, fields, i)));
  }
  return out;
}
