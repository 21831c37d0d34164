import fs from 'node:fs';
import path from 'node:path';
import { docsPage } from '../../docs/index.ts';
import { type Context, choose, exitCode, OK, open, targetDir, UNUSABLE, writeArtifacts, writeCatalog } from '../context.ts';
import { writeAtomic } from '../files.ts';
import { compileNodes, generateCatalog, type Opened } from '../session.ts';

/** Compiles the project, asks the database for its relations, and writes catalog.json and a page that lists the project. */
export async function run(c: Context): Promise<number> {
  const opened = await open(c);
  if (!opened) return UNUSABLE;
  const selection = choose(c, opened);
  if (!selection) return UNUSABLE;
  const { values } = c.flags;
  if (values.get('compile') !== false) {
    const display = c.console.run(opened.manifest, true);
    try {
      const report = await compileNodes(opened, selection, undefined, c.flags, c.world, display.emit);
      display.done();
      writeArtifacts(c, opened, report);
      const failed = report.results.flatMap((r) => (r.diagnostic?.severity === 'error' ? [r.diagnostic] : []));
      if (failed.length > 0) {
        c.console.errors(failed);
        return exitCode(report);
      }
    } finally {
      display.done();
    }
  }
  const tables = values.get('empty-catalog') === true ? [] : await generateCatalog(opened, c.flags, c.world);
  const limited = c.flags.select.length > 0 || c.flags.exclude.length > 0 || c.flags.selector !== undefined;
  writeCatalog(c, opened, tables, limited ? selection.ids : undefined);
  const dir = targetDir(c, opened);
  writeAtomic(path.join(dir, 'index.html'), docsPage(opened.manifest, tables));
  copyAssets(c, opened, dir);
  c.console.say('WriteCatalog', 'E041', `Catalog written to ${path.join(dir, 'catalog.json')}`, { path: path.join(dir, 'catalog.json') });
  return OK;
}

function copyAssets(c: Context, opened: Opened, dir: string): void {
  for (const folder of opened.project.root.config.paths.asset) {
    const from = path.join(c.flags.projectDir, folder);
    if (fs.existsSync(from)) fs.cpSync(from, path.join(dir, folder), { recursive: true });
  }
}
