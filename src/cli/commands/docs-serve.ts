import { spawn } from 'node:child_process';
import fs from 'node:fs';
import { isIP } from 'node:net';
import path from 'node:path';
import { type Artifacts, type Served, serveFolder, withCompiled } from '../../docs/index.ts';
import { DiagnosticError, Diagnostics } from '../../text/index.ts';
import { type Context, manifestText, OK, open, refuse, type Scene, targetDir } from '../context.ts';
import { copyAssets, readArtifacts, SITE, textOf, writeSite } from '../site.ts';
import { watchFolders } from '../watch.ts';

/** Serves the documentation until it is interrupted. While it does, changes of the project and of its artifacts are documented, and open pages told of them. */
export async function run(c: Context): Promise<number> {
  const { values } = c.flags;
  const target = path.resolve(c.flags.projectDir, c.flags.targetPath ?? c.targetPath ?? 'target');
  const dir = [path.join(target, SITE), target].find((folder) => fs.existsSync(path.join(folder, 'index.html')));
  if (dir === undefined) return refuse(c, `there is no documentation in ${target}`, 'run `dml docs generate` first');
  const host = (values.get('host') as string | undefined) ?? '127.0.0.1';
  const served = await hosted(dir, host, values.get('port') as number | undefined);
  if ('problem' in served)
    return refuse(c, `port ${values.get('port') ?? PORT} on ${host} cannot be used: ${served.problem}`, 'choose another one with `--port N`');
  let stop = (): void => undefined;
  try {
    await new Promise<void>((end, broken) => {
      // Before the address is told: what a reader changes from then on is seen.
      if (values.get('watch') !== false) stop = watch(c, target, dir, served, broken);
      announce(c, host, served.port);
      if (c.world.signal.aborted) end();
      else c.world.signal.addEventListener('abort', () => end(), { once: true });
    });
  } finally {
    stop();
    await served.close();
  }
  return OK;
}

/** Prints the address, and opens it where that is asked for. */
function announce(c: Context, host: string, port: number): void {
  const address = `http://${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
  c.console.output(`Serving docs at ${address}\nPress Ctrl-C to exit.`);
  if (c.flags.values.get('open') === true) openBrowser(address);
}

const PORT = 8080;

/** The port that is asked for; else dbt's, or where that is taken any free one. */
async function hosted(dir: string, host: string, port: number | undefined): ReturnType<typeof serveFolder> {
  const served = await serveFolder(dir, host, port ?? PORT);
  return port === undefined && 'problem' in served && served.taken ? serveFolder(dir, host, 0) : served;
}

/** Shows an address in the user's browser, where there is one. */
function openBrowser(address: string): void {
  const [program = '', ...argv] = { darwin: ['open'], win32: ['cmd', '/c', 'start', ''] }[process.platform as string] ?? ['xdg-open'];
  spawn(program, [...argv, address], { stdio: 'ignore', detached: true })
    .on('error', () => undefined)
    .unref();
}

/** Documents the project anew when it or its artifacts change, and tells open pages when the site does. Answers how to stop; `broken`: it cannot go on. */
function watch(c: Context, target: string, dir: string, served: Served, broken: (error: unknown) => void): () => void {
  // Artifacts of somewhere else tell of another project.
  const project = target.startsWith(path.resolve(c.flags.projectDir) + path.sep) && fs.existsSync(path.join(c.flags.projectDir, 'dbt_project.yml'));
  const folders = () => (project ? foldersBelow(c.flags.projectDir, target) : []);
  const sources = () => (project ? [...folders().flatMap(sourcesIn), ...ARTIFACTS.map((name) => path.join(target, name))] : []);
  const index = path.join(dir, 'data/index.json');
  let [seen, shown] = [stamp(sources()), stamp([index])];
  const changed = async () => {
    const found = stamp(sources());
    if (found !== seen) {
      seen = found;
      await renew(c);
    }
    const site = stamp([index]);
    if (site !== shown) served.changed();
    shown = site;
  };
  return watchFolders({ folders: () => [...folders(), target, path.dirname(index)], changed, broken });
}

/** What commands leave behind that the site tells of. */
const ARTIFACTS = ['catalog.json', 'run_results.json', 'sources.json', 'run_history.jsonl'];
const SOURCE = /\.(?:sql|py|ya?ml|md|csv)$/;

/** The folders that a project may be written in; not those where tools and commands put theirs. */
function foldersBelow(dir: string, target: string): readonly string[] {
  const inner = entriesOf(dir).filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && entry.name !== 'node_modules');
  const paths = inner.map((entry) => path.join(dir, entry.name)).filter((folder) => folder !== target);
  return [dir, ...paths.flatMap((folder) => foldersBelow(folder, target))];
}

function sourcesIn(dir: string): readonly string[] {
  return entriesOf(dir).flatMap(({ name }) => (SOURCE.test(name) ? [path.join(dir, name)] : []));
}

/** What lies in a folder; nothing where it is gone by now, or not ours to read. */
function entriesOf(dir: string): readonly fs.Dirent[] {
  try {
    return fs.readdirSync(dir, { withFileTypes: true });
  } catch {
    return [];
  }
}

/** Differs whenever one of the files does. */
function stamp(files: readonly string[]): string {
  return files
    .map((file) => {
      const stat = fs.statSync(file, { throwIfNoEntry: false });
      return stat ? `${file} ${stat.mtimeMs} ${stat.size}` : '';
    })
    .join('\n');
}

/** Documents the project as it is now. The database is not asked, for somebody may be building in it: its tables, results and compiled SQL are those last seen. */
async function renew(c: Context): Promise<void> {
  const { console: out } = c;
  const quiet: Scene = {
    ...c,
    console: { say: () => undefined, tell: (d) => out.tell(d), errors: (all) => out.errors(all), output: (text) => out.output(text) },
  };
  try {
    const opened = await open(quiet);
    if (!opened) return;
    const dir = targetDir(c, opened);
    const earlier = readArtifacts(dir, dir, new Diagnostics());
    const manifest = JSON.parse(manifestText(quiet, opened).join('')) as Artifacts['manifest'];
    const readme = textOf(path.join(opened.project.dir, 'README.md'));
    writeSite(quiet, dir, { ...earlier, manifest: earlier.manifest ? withCompiled(manifest, earlier.manifest) : manifest, readme }, true);
    copyAssets(opened.project, dir);
    out.output('The documentation is up to date with the project.');
  } catch (e) {
    if (!(e instanceof DiagnosticError)) throw e;
    out.errors([e.diagnostic]);
  }
}
