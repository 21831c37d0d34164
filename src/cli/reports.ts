import fs from 'node:fs';
import path from 'node:path';
import { scrub } from '../context/index.ts';
import { freshnessIn, githubAnnotations, historyLine, junitXml, paint, qualityPage, qualityReport, readQualityRecords, recordOf } from '../report/index.ts';
import type { RunReport } from '../run/index.ts';
import { type Context, targetDir } from './context.ts';
import { addLine, writeAtomic } from './files.ts';
import type { Opened } from './session.ts';
import { VERSION } from './version.ts';

/** Adds a run to `run_history.jsonl` in the target folder. */
export function keepHistory(c: Context, opened: Opened, run: RunReport): void {
  if (!c.flags.writeJson || run.results.length === 0) return;
  const line = historyLine(run, { invocationId: c.world.invocationId, command: c.flags.command, startedAt: opened.invocation.startedAt });
  addLine(path.join(targetDir(c, opened), 'run_history.jsonl'), scrub(line, c.world.env));
}

/** Writes what the flags ask for besides artifacts: JUnit XML, annotations and a quality report. */
export function writeReports(c: Context, opened: Opened, run: RunReport): void {
  const { flags, world } = c;
  const settings = { manifest: opened.manifest, paint: paint(false) };
  const junit = flags.values.get('junit');
  if (typeof junit === 'string') writeAtomic(path.resolve(world.cwd, junit), scrub(junitXml(run, opened.invocation.startedAt, settings), world.env));
  // Not on stdout, where a structured log must stay one: GitHub reads both.
  if (annotates(c)) world.stderr.write(githubAnnotations(run, folderInRepository(c), settings));
  const report = flags.values.get('report');
  if (typeof report === 'string') writeQuality(c, opened, run, report);
}

/** Of the commands that take the flag, those of a GitHub workflow annotate by themselves. */
function annotates({ flags, world }: Context): boolean {
  if (flags.command !== 'test' && flags.command !== 'build') return false;
  const kind = flags.values.get('annotations') ?? (world.env['GITHUB_ACTIONS'] === 'true' ? 'github' : 'none');
  return kind === 'github';
}

/** The project's folder in the repository that a workflow has checked out, ending in a slash; empty where it is the repository. */
function folderInRepository({ flags, world }: Context): string {
  const folder = path.relative(world.env['GITHUB_WORKSPACE'] || world.cwd, flags.projectDir);
  return folder === '' || folder.startsWith('..') ? '' : `${folder.split(path.sep).join('/')}/`;
}

/** The report as HTML and JSON; the next ones compare with what is kept of it in `quality_history.jsonl`. `file`: empty for the usual one. */
function writeQuality(c: Context, opened: Opened, run: RunReport, file: string): void {
  const { flags, world } = c;
  const dir = targetDir(c, opened);
  const past = path.join(dir, 'quality_history.jsonl');
  const report = qualityReport(run, {
    manifest: opened.manifest,
    invocationId: world.invocationId,
    now: world.now(),
    version: VERSION,
    command: flags.command,
    target: opened.project.target.name,
    history: readQualityRecords(textOf(past)),
    freshness: freshnessIn(textOf(path.join(dir, 'sources.json')), opened.manifest),
  });
  const page = file === '' ? path.join(dir, 'quality.html') : path.resolve(world.cwd, file);
  const { dir: folder, name } = path.parse(page);
  writeAtomic(page, scrub(qualityPage(report), world.env));
  writeAtomic(path.join(folder, `${name}.json`), scrub(`${JSON.stringify(report, null, 2)}\n`, world.env));
  addLine(past, `${JSON.stringify(recordOf(report))}\n`);
  const message = `Quality report written to ${path.relative(world.cwd, page)}`;
  c.console.say('Note', 'Z050', message, { msg: message });
}

function textOf(file: string): string {
  return fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '';
}
