import fs from 'node:fs';
import path from 'node:path';
import { type Artifacts, type IndexFile, singleFile, siteData } from '../docs/index.ts';
import type { Project } from '../read/index.ts';
import { readHistory } from '../report/index.ts';
import { readArtifact } from '../state/index.ts';
import { fail, type Sink } from '../text/index.ts';
import { type Scene, SIZES } from './context.ts';
import { writeAtomic } from './files.ts';
import { VERSION } from './version.ts';

/** The name of the folder of a site, below the target folder. */
export const SITE = 'docs';

/** Where artifacts lie: a folder, what it is called in messages, and what is told of those that cannot be read. */
export interface Place {
  readonly dir: string;
  readonly name: string;
  readonly sink: Sink;
}

/** An artifact; undefined where it is not there or cannot be read. */
export function artifactIn({ dir, name, sink }: Place, file: string, kind: Parameters<typeof readArtifact>[2]): Artifacts['catalog'] {
  const text = textOf(path.join(dir, file));
  // What JSON.parse answers is plain JSON.
  return text === undefined ? undefined : (readArtifact(text, path.join(name, file), kind, sink) as Artifacts['catalog']);
}

/** All artifacts that earlier commands have left. */
export function readArtifacts(dir: string, name: string, sink: Sink): Omit<Artifacts, 'manifest'> & { readonly manifest: Artifacts['catalog'] } {
  const place = { dir, name, sink };
  return {
    ...earlierResults(place),
    manifest: artifactIn(place, 'manifest.json', 'manifest'),
    catalog: artifactIn(place, 'catalog.json', 'catalog'),
    sizes: jsonOf(textOf(path.join(dir, SIZES))),
  };
}

/** What earlier commands have left of their results. */
export function earlierResults(place: Place): Pick<Artifacts, 'results' | 'sources' | 'history'> {
  return {
    results: artifactIn(place, 'run_results.json', 'run-results'),
    sources: artifactIn(place, 'sources.json', 'sources'),
    history: readHistory(textOf(path.join(place.dir, 'run_history.jsonl')) ?? ''),
  };
}

/** A file's text; undefined where it cannot be read. */
export function textOf(file: string): string | undefined {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/** Writes the site into `target/docs`, or into one file where the flags say so. `target`: absolute. */
export function writeSite(c: Scene, target: string, artifacts: Artifacts, byDml: boolean): void {
  const { values } = c.flags;
  const pages = path.join(c.world.templates, '../dist/site');
  const single = textOf(path.join(pages, 'single.html'));
  // Before anything is written: data without pages look like a site and are none.
  if (single === undefined || !fs.existsSync(path.join(pages, 'index.html'))) fail('pages-missing', { dir: pages });
  const data = siteData(artifacts, byDml ? { generator: `dml ${VERSION}` } : {});
  const dir = path.join(target, SITE);
  writeData(dir, data);
  copyPages(pages, dir);
  writeAtomic(path.join(target, 'index.html'), LEAD);
  tell(c, `Documentation written to ${path.join(dir, 'index.html')}`, dir);
  if (values.get('single-file') !== true && values.get('static') !== true) return;
  const file = path.join(target, 'static_index.html');
  writeAtomic(file, singleFile(single, data));
  tell(c, `Documentation in one file written to ${file}`, file);
}

/** Copies pictures and other files that descriptions name to where dbt puts them, and into the site. `target`: absolute. */
export function copyAssets(project: Project, target: string): void {
  for (const folder of project.root.config.paths.asset) {
    const from = path.join(project.dir, folder);
    if (!fs.existsSync(from)) continue;
    for (const to of [target, path.join(target, SITE)]) fs.cpSync(from, path.join(to, folder), { recursive: true });
  }
}

function tell(c: Scene, msg: string, file: string): void {
  c.console.say('Note', 'Z050', msg, { msg, path: file });
}

/** dbt puts its page into the target folder itself: addresses that lead there lead on, with what stands behind their `#` where scripts may run. */
const LEAD = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Documentation</title>
<script>location.replace('docs/index.html' + location.hash)</script>
<meta http-equiv="refresh" content="1; url=docs/index.html">
</head>
<body><p>The documentation is in <a href="docs/index.html">docs/index.html</a>.</p></body>
</html>
`;

/** Writes the data files that differ from what is there, the index last, and deletes those that are no longer part of the site. */
function writeData(dir: string, data: ReadonlyMap<string, string>): void {
  const name = 'data/index.json';
  const before = indexOf(textOf(path.join(dir, name)));
  const now = indexOf(data.get(name));
  for (const [file, text] of data) {
    const same = before?.files[file]?.digest === now?.files[file]?.digest && fs.existsSync(path.join(dir, file));
    if (file !== name && !same) writeAtomic(path.join(dir, file), text);
  }
  writeAtomic(path.join(dir, name), data.get(name) ?? '');
  for (const file of filesBelow(path.join(dir, 'data'))) if (!data.has(`data/${file}`)) fs.rmSync(path.join(dir, 'data', file));
}

function indexOf(text: string | undefined): IndexFile | undefined {
  // Only a site's own index lies there; what is none has no files that are the same.
  const index = jsonOf(text) as IndexFile | undefined;
  return typeof index?.files === 'object' ? index : undefined;
}

/** A JSON object of dml's own; undefined where the text is none, as when it was cut short. */
export function jsonOf(text: string | undefined): Artifacts['sizes'] {
  try {
    const json = JSON.parse(text ?? '') as Artifacts['sizes'] | null;
    return typeof json === 'object' && json !== null ? json : undefined;
  } catch {
    return undefined;
  }
}

/** The page, its script and its style; what an earlier version of dml has left is taken away. */
function copyPages(from: string, to: string): void {
  const names = filesBelow(from).filter((name) => name !== 'single.html');
  for (const name of names) {
    const text = fs.readFileSync(path.join(from, name));
    const there = fs.statSync(path.join(to, name), { throwIfNoEntry: false });
    if (!there || !text.equals(fs.readFileSync(path.join(to, name)))) {
      fs.mkdirSync(path.dirname(path.join(to, name)), { recursive: true });
      fs.writeFileSync(path.join(to, name), text);
    }
  }
  for (const name of filesBelow(path.join(to, 'app'))) if (!names.includes(`app/${name}`)) fs.rmSync(path.join(to, 'app', name));
}

/** The files in a folder and its folders, relative to it, with forward slashes. */
function filesBelow(dir: string): readonly string[] {
  if (!fs.existsSync(dir)) return [];
  return fs
    .readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(dir, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'));
}
