// Writes the JSON Schemas of schemas/ from the zod schemas of src/read/schema/ and src/docs/data/. Tests compare the two.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import esbuild from 'esbuild';

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
/** What a source file exports. */
async function exportsOf(file) {
  const built = await esbuild.build({ entryPoints: [path.join(root, file)], bundle: true, write: false, format: 'esm', platform: 'node', logLevel: 'warning' });
  return import(`data:text/javascript;base64,${Buffer.from(built.outputFiles[0].text).toString('base64')}`);
}

const { schemaFiles } = await exportsOf('src/read/schema/json.ts');
const { docsSchema } = await exportsOf('src/docs/data/schema.ts');
fs.mkdirSync(path.join(root, 'schemas'), { recursive: true });
for (const [name, text] of [...schemaFiles(), ['docs.json', docsSchema()]]) fs.writeFileSync(path.join(root, 'schemas', name), text);
