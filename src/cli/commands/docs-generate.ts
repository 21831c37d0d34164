import path from 'node:path';
import { type Artifacts, withCompiled } from '../../docs/index.ts';
import type { RunReport } from '../../run/index.ts';
import type { Selection } from '../../select/index.ts';
import { Diagnostics, fail } from '../../text/index.ts';
import {
  type Context,
  checked,
  choose,
  exitCode,
  greet,
  manifestText,
  nothingSelected,
  OK,
  open,
  targetDir,
  UNUSABLE,
  writeArtifacts,
  writeCatalog,
} from '../context.ts';
import { printCompiled } from '../printing.ts';
import { compileNodes, generateCatalog, type Opened } from '../session.ts';
import { artifactIn, copyAssets, earlierResults, jsonOf, readArtifacts, textOf, writeSite } from '../site.ts';

/** Compiles the project, asks the database for its relations, and writes catalog.json and the documentation site; or makes a site of artifacts. */
export async function run(c: Context): Promise<number> {
  const from = c.flags.values.get('from-artifacts');
  if (typeof from === 'string') return ofArtifacts(c, from);
  const opened = await open(c);
  if (!opened) return UNUSABLE;
  const selection = choose(c, opened);
  if (!selection) return UNUSABLE;
  const { values } = c.flags;
  const dir = targetDir(c, opened);
  // Before they are written anew: what was run is told by results that compiling replaces. What cannot be read says nothing.
  const place = { dir, name: dir, sink: new Diagnostics() };
  const results = earlierResults(place);
  const limited = c.flags.select.length > 0 || c.flags.exclude.length > 0 || c.flags.selector !== undefined;
  const earlier = limited || values.get('compile') === false ? artifactIn(place, 'manifest.json', 'manifest') : undefined;
  const report = values.get('compile') === false ? undefined : await compile(c, opened, selection);
  const failed = (report?.results ?? []).flatMap((r) => (r.diagnostic?.severity === 'error' ? [r.diagnostic] : []));
  if (report && failed.length > 0) {
    c.console.errors(failed);
    return exitCode(report);
  }
  if (report) printCompiled(c, opened, report.results);
  c.console.say('BuildingCatalog', 'E044', 'Building catalog');
  const empty = values.get('empty-catalog') === true;
  const tables = empty ? [] : await generateCatalog(opened, c.flags, c.world);
  const { catalog, sizes } = writeCatalog(c, opened, tables, limited ? selection.ids : undefined);
  // The artifacts' own texts are read back: a site is made in one way, whoever wrote them.
  const manifest = JSON.parse(manifestText(c, opened, report).join('')) as Artifacts['manifest'];
  const artifacts: Artifacts = {
    ...results,
    manifest: earlier ? withCompiled(manifest, earlier) : manifest,
    catalog: empty ? undefined : (JSON.parse(catalog) as Artifacts['manifest']),
    sizes: jsonOf(sizes),
    readme: textOf(path.join(opened.project.dir, 'README.md')),
  };
  writeSite(c, dir, artifacts, true);
  copyAssets(opened.project, dir);
  c.console.say('CatalogWritten', 'E042', `Catalog written to ${path.join(dir, 'catalog.json')}`, { path: path.join(dir, 'catalog.json') });
  return OK;
}

async function compile(c: Context, opened: Opened, selection: Selection): Promise<RunReport> {
  if (selection.ids.size === 0) {
    const report = nothingSelected(c);
    writeArtifacts(c, opened, report);
    return report;
  }
  const display = c.console.run(opened.manifest, true);
  try {
    const report = await compileNodes(opened, selection, undefined, c.flags, c.world, display.emit);
    display.done();
    writeArtifacts(c, opened, report);
    return report;
  } finally {
    display.done();
  }
}

/** The site of a project that is known by its artifacts only: dbt's, or those of another machine. */
function ofArtifacts(c: Context, from: string): number {
  greet(c);
  const dir = path.resolve(c.world.cwd, from);
  const artifacts = checked(c, (sink) => {
    const { manifest, ...others } = readArtifacts(dir, from, sink);
    if (!manifest && sink.errors.length === 0)
      fail('state-missing', { problem: `there is no manifest.json in ${from}`, hint: 'name the target folder of a project' });
    return manifest && { ...others, manifest };
  });
  if (!artifacts) return UNUSABLE;
  writeSite(c, c.flags.targetPath === undefined ? dir : path.resolve(c.flags.projectDir, c.flags.targetPath), artifacts, false);
  return OK;
}
