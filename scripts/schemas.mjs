// Writes the JSON Schemas of schemas/ from the zod schemas of src/read/schema/. A test compares the two.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import esbuild from 'esbuild';

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const built = await esbuild.build({
  entryPoints: [path.join(root, 'src/read/schema/json.ts')],
  bundle: true,
  write: false,
  format: 'esm',
  platform: 'node',
  logLevel: 'warning',
});
const { schemaFiles } = await import(`data:text/javascript;base64,${Buffer.from(built.outputFiles[0].text).toString('base64')}`);
fs.mkdirSync(path.join(root, 'schemas'), { recursive: true });
for (const [name, text] of schemaFiles()) fs.writeFileSync(path.join(root, 'schemas', name), text);
