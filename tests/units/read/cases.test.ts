import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { propertiesCheck, read } from '../../../src/read/index.ts';
import { Diagnostics, parseYaml, renderDiagnostic } from '../../../src/text/index.ts';
import { type Outcome, parseCases, runCase } from '../../cases.ts';

const home = join(import.meta.dirname, '../../cases/read');

/** What reading alone reports: the documents of this room need no more of dml than that. */
async function readOnly(_argv: readonly string[], dir: string): Promise<Outcome> {
  const sink = new Diagnostics();
  const project = await read({ projectDir: dir, directory: dir, homeDir: dir, env: {} }, sink);
  const check = propertiesCheck();
  for (const file of project?.root.files.filter((f) => f.kind === 'yaml') ?? []) {
    const document = parseYaml(file.source, sink);
    if (document) check(document, sink);
  }
  const shown = sink.all.filter((d) => d.severity !== 'note');
  return { code: sink.errors.length > 0 ? 2 : 0, stdout: '', stderr: shown.map((d) => `${renderDiagnostic(d)}\n`).join('') };
}

describe.each(readdirSync(home).filter((name) => name.endsWith('.md')))('%s', (name) => {
  for (const each of parseCases(readFileSync(join(home, name), 'utf8'))) {
    test(`${each.name} (line ${each.line})`, async () => {
      const report = await runCase(each, readOnly);
      expect(report.actual).toEqual(report.expected);
    });
  }
});
