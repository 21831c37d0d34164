// Runs every document of tests/cases, and first of all shows that the runner itself can fail.
import fs from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, inject, test } from 'vitest';
import { diagnostic, renderDiagnostic, sourceFile, span } from '../src/text/index.ts';
import { applyEdits, type Edit, type Outcome, parseCases, runCase } from './cases.ts';
import { dml } from './command.ts';

const home = path.join(import.meta.dirname, 'cases');
/** Rooms whose documents show something else than commands, and are read by the tests of the room itself. */
const others = ['materializations'];
const documents = fs
  .readdirSync(home, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.md') && name.split(path.sep).length === 2 && !others.includes(name.split(path.sep)[0] ?? ''));

describe.each(documents)('%s', (name) => {
  const file = path.join(home, name);
  const text = fs.readFileSync(file, 'utf8');
  const edits: Edit[] = [];
  for (const each of parseCases(text)) {
    test(`${each.name} (line ${each.line})`, async () => {
      const report = await runCase(each, dml);
      if (inject('update')) edits.push(...report.edits);
      else expect(report.actual).toEqual(report.expected);
    });
  }
  afterAll(() => {
    if (edits.length > 0) fs.writeFileSync(file, applyEdits(text, edits));
  });
});

/** A stand-in for dml that knows one rule: `bad` must not occur in a model. */
async function fake(argv: readonly string[], dir: string): Promise<Outcome> {
  let found = '';
  for (const name of fs.readdirSync(path.join(dir, 'models'))) {
    const text = fs.readFileSync(path.join(dir, 'models', name), 'utf8');
    const at = text.indexOf('bad');
    const source = sourceFile(`models/${name}`, text);
    if (at !== -1) found += `${renderDiagnostic(diagnostic('unknown-option', { option: 'bad', near: 'good' }, { at: span(source, at, at + 3) }))}\n`;
  }
  fs.writeFileSync(path.join(dir, 'argv.json'), JSON.stringify(argv));
  return { code: found === '' ? 0 : 1, stdout: `ran ${argv.join(' ')} in ${dir}\n`, stderr: found };
}

async function play(text: string): Promise<{ readonly expected: readonly string[]; readonly actual: readonly string[]; readonly updated: string }> {
  const [first] = parseCases(text);
  if (!first) throw new Error('no case');
  const { expected, actual, edits } = await runCase(first, fake);
  return { expected, actual, updated: applyEdits(text, edits) };
}

const printed = `ran ls --select a b in <dir>
error[unknown-option]: unknown option \`bad\`
  models/b.sql:2:3
  2 |   bad
    |   ^^^
  hint: did you mean \`good\`?
exit code: 1`;
const document = (marker: string, output = printed, content = '["ls","--select","a b"]') => `# A document

\`models/a.sql\`:
\`\`\`sql
select 1
\`\`\`

## One case
Prose.
\`models/b.sql\`:
\`\`\`sql
select 1,
  bad${marker}
\`\`\`

\`\`\`text output of \`dml ls --select "a b"\`
${output}
\`\`\`

\`\`\`json content of \`argv.json\`
${content}
\`\`\`
`;
const right = document('  -- error: 3 [unknown-option]');

describe('the runner', () => {
  test('a case that holds', async () => {
    const { expected, actual, updated } = await play(right);
    expect(actual).toEqual(expected);
    expect(expected).toEqual([printed, '["ls","--select","a b"]', 'models/b.sql:2: error: 3 [unknown-option]']);
    expect(updated).toBe(right);
  });

  test.each([
    ['a missing marker', document('')],
    ['a marker in the wrong column', document('  -- error: 4 [unknown-option]')],
    ['a marker of the wrong severity', document('  -- warning: 3 [unknown-option]')],
    ['another output', document('  -- error: 3 [unknown-option]', 'ran')],
    ['another exit code', document('  -- error: 3 [unknown-option]', printed.replace('code: 1', 'code: 2'))],
    ['another content', document('  -- error: 3 [unknown-option]', printed, '[]')],
  ])('%s fails, and --update mends it', async (_, text) => {
    const { expected, actual, updated } = await play(text);
    expect(actual).not.toEqual(expected);
    expect(updated).toBe(right);
  });

  test('a marker without its diagnostic fails', async () => {
    const { expected, actual, updated } = await play('## C\n`models/a.sql`:\n```sql\nselect 1  -- error: 1 [sql-error]\n```\n');
    expect(expected).toEqual(['models/a.sql:1: error: 1 [sql-error]']);
    expect(actual).toEqual([]);
    expect(updated).toBe('## C\n`models/a.sql`:\n```sql\nselect 1\n```\n');
  });

  test('bytes are written from a hex block', async () => {
    const { actual } = await play('## C\n`models/a.sql`:\n```hex\n62 61\n64\n```\n\n```text content of `models/a.sql`\nbad\n```\n');
    expect(actual).toEqual(['bad', 'models/a.sql:1: error: 1 [unknown-option]']);
  });

  test('a block that nobody would look at is refused', () => {
    expect(() => parseCases('## C\n```sql\nselect 1\n```\n')).toThrow('line 2: a block needs');
    expect(() => parseCases('## C\n`a`:\n```sql\nselect 1\n')).toThrow('line 3: the block does not end');
    expect(() => parseCases('# only prose\n')).toThrow('no case');
  });
});
