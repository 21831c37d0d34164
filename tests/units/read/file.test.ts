import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { checksum, readText } from '../../../src/read/file.ts';
import { Diagnostics, position } from '../../../src/text/index.ts';

const dir = mkdtempSync(join(os.tmpdir(), 'dml-file-'));
afterAll(() => rmSync(dir, { recursive: true }));

function read(bytes: Buffer) {
  writeFileSync(join(dir, 'f.sql'), bytes);
  const sink = new Diagnostics();
  return { text: readText(join(dir, 'f.sql'), 'f.sql', sink)?.text, found: sink.all };
}

test('a replacement character that somebody wrote is text like any other', () => {
  expect(read(Buffer.from("select '\ufffd' as é"))).toEqual({ text: "select '\ufffd' as é", found: [] });
});

test('a byte order mark stays', () => {
  expect(read(Buffer.from('\ufeffselect 1'))).toEqual({ text: '\ufeffselect 1', found: [] });
});

test('bytes that are no text are told with their place', () => {
  const { text, found } = read(Buffer.concat([Buffer.from("select 1,\n  '\ufffd"), Buffer.from([0xe9, 0x27])]));
  expect(text).toBeUndefined();
  expect(found.map((d) => d.code)).toEqual(['not-utf8']);
  const at = found[0]?.at;
  // Places in a file that is no text count bytes: the replacement character before it takes three.
  expect(at && position(at.file.text, at.start)).toEqual({ line: 2, column: 7 });
});

test('the checksum is that of the text without the white space that Python takes off', () => {
  const sha = (text: string) => createHash('sha256').update(text, 'utf8').digest('hex');
  expect(checksum('\n\t select 1 \x1c\n')).toBe(sha('select 1'));
  expect(checksum("\u00a0select 'é'\u2003")).toBe(sha("select 'é'"));
  expect(checksum('\ufeffselect 1')).toBe(sha('\ufeffselect 1'));
  expect(checksum(' \n')).toBe(sha(''));
});
