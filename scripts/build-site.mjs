// Builds the pages of the documentation site: `node scripts/build-site.mjs [DIR]`, dist/site by default. DIR gets `index.html` and `app/`, for a folder with
// data beside them, and `single.html`, whose script and style are in it, for a site in one file.
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

/** Stands in `single.html` where the data go, as `<script type="text/plain" data-file="data/…">` each. */
const MARK = '<!--dml:data-->';

/** Writes the site's pages to a directory, which is emptied before. Answers the bytes of all scripts together, as gzip sends them. */
export async function buildSite(out = path.join(root, 'dist/site')) {
  out = path.resolve(out);
  const common = { root: path.join(root, 'site'), configFile: path.join(root, 'site/vite.config.ts'), logLevel: 'warn' };
  await build({ ...common, build: { outDir: out, emptyOutDir: true } });
  const single = await build({ ...common, build: { write: false, rolldownOptions: { output: { codeSplitting: false } } } });
  fs.writeFileSync(path.join(out, 'single.html'), oneFile(single.output));
  const scripts = fs.readdirSync(path.join(out, 'app')).filter((name) => name.endsWith('.js'));
  return scripts.reduce((sum, name) => sum + gzipSync(fs.readFileSync(path.join(out, 'app', name)), { level: 9 }).length, 0);
}

/** The page with its script and style in it; its policy lets these two run and nothing else. */
function oneFile(output) {
  const text = (end) => {
    const file = output.find((f) => f.fileName.endsWith(end));
    return String(file.type === 'chunk' ? file.code : file.source);
  };
  // What would end the element, or begin a comment in it, can only stand in a string or a regular expression of the script.
  const script = text('.js').replace(/<(?=\/script|!--)/gi, '\\x3c');
  const style = text('.css');
  const policy = `default-src 'none'; script-src ${digest(script)}; style-src ${digest(style)}; img-src data:; base-uri 'none'; form-action 'none'`;
  const page = text('index.html')
    .replace(/(http-equiv="Content-Security-Policy"\s+content=")[^"]*/, (_, start) => start + policy)
    .replace(/\s*<link rel="(?:icon|stylesheet)"[^>]*>|\s*<script[^>]*><\/script>/g, '');
  return page
    .replace('</head>', () => `<style>${style}</style>\n  </head>`)
    .replace('</body>', () => `${MARK}\n    <script type="module">${script}</script>\n  </body>`);
}

function digest(text) {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const size = await buildSite(process.argv[2]);
  console.log(`scripts of the documentation site: ${(size / 1000).toFixed(1)} kB with gzip`);
}
