// npm run build: dist/cli.cjs (the command, one file), dist/site/ (the pages of the documentation) and dist/index.js with its types (the library).
// `node scripts/build.mjs DIR`: only the command and the pages, in DIR.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { buildSite } from './build-site.mjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

/**
 * Keeps `import.meta.url` of a source file true inside the one-file bundle: there it names the file's place in the source tree, relative to the
 * package, so that `new URL('../../templates/', import.meta.url)` finds the same directory from src/, from dist/*.js and from dist/cli.cjs.
 */
const placeOfSource = {
  name: 'place-of-source',
  setup(bundler) {
    bundler.onLoad({ filter: /[\\/]src[\\/].*\.ts$/ }, async ({ path: file }) => {
      const text = await fs.promises.readFile(file, 'utf8');
      if (!text.includes('import.meta.url')) return undefined;
      const inPackage = path.relative(root, file).split(path.sep).join('/');
      return { loader: 'ts', contents: text.replaceAll('import.meta.url', `__here(${JSON.stringify(inPackage)})`) };
    });
  },
};

/** Commander needs child processes only for commands that are programs of their own, which dml has none of: they are not loaded at every start. */
const lazyChildren = {
  name: 'lazy-children',
  setup(bundler) {
    bundler.onLoad({ filter: /[\\/]commander[\\/]lib[\\/]command\.js$/ }, async ({ path: file }) => {
      const text = await fs.promises.readFile(file, 'utf8');
      const eager = "const childProcess = require('node:child_process');";
      if (!text.includes(eager)) throw new Error(`${file} does not load child processes as it did`);
      return { loader: 'js', contents: text.replace(eager, "const childProcess = { spawn: (...args) => require('node:child_process').spawn(...args) };") };
    });
  },
};

/** Bundles one entry into one CommonJS file; what is reached by `await import()` only is evaluated when it is first needed. */
async function bundle(entry, outfile) {
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    // Fields as assignments: V8 makes objects with defined fields markedly slower (a fifth of a template's rendering).
    tsconfigRaw: { compilerOptions: { useDefineForClassFields: false, verbatimModuleSyntax: true } },
    // A dynamic import becomes a deferred require: the code cache's loader has no module callbacks.
    supported: { 'dynamic-import': false },
    external: ['@duckdb/node-bindings*'],
    plugins: [placeOfSource, lazyChildren],
    banner: { js: "const __here = (file) => require('node:url').pathToFileURL(require('node:path').join(__dirname, '..', file)).href;" },
    legalComments: 'none',
    logLevel: 'warning',
  });
}

/** The index of the macro library, so that a run parses only the macros it calls. */
async function index(dist) {
  const made = path.join(dist, 'library.cjs');
  await bundle(path.join(root, 'src/cli/library.ts'), made);
  const { indexLibrary } = createRequire(import.meta.url)(made);
  fs.writeFileSync(path.join(dist, 'macros.json'), JSON.stringify(indexLibrary(path.join(root, 'templates/'))));
  fs.rmSync(made);
}

/** What `--version` prints, as a text that is told without loading the command: tools ask before every call. */
function version(dist) {
  fs.writeFileSync(path.join(dist, 'version.txt'), execFileSync(process.execPath, [path.join(dist, 'cli.cjs'), '--version']));
}

/** Writes the command to DIST, and where that is the package's own directory the library too. */
async function main(dist = path.join(root, 'dist')) {
  const own = dist === path.join(root, 'dist');
  if (own) fs.rmSync(dist, { recursive: true, force: true });
  await bundle(path.join(root, 'src/cli.ts'), path.join(dist, 'cli.cjs'));
  await index(dist);
  await buildSite(path.join(dist, 'site'));
  version(dist);
  if (!own) return;
  // Types are checked by `npm run typecheck`; here they are only written.
  execFileSync(process.execPath, [path.join(root, 'node_modules/typescript/bin/tsc'), '-p', path.join(root, 'tsconfig.build.json')], { stdio: 'inherit' });
  // The first run writes the code cache, with the functions it needed: those of parsing a project.
  const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'dml-'));
  const warm = ['parse', '--project-dir', path.join(root, 'example-project'), '--target-path', scratch, '--log-path', scratch];
  execFileSync(process.execPath, [path.join(root, 'bin/dml.cjs'), ...warm], { stdio: 'ignore' });
  fs.rmSync(scratch, { recursive: true });
}

await main(process.argv[2]);
