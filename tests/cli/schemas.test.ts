// The lines that switch schemas on in an editor point at schemas, and the example is right by them as dml itself reads it.
import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

const root = path.resolve(import.meta.dirname, '../..');
const example = path.join(root, 'example-project');
const files = fs
  .readdirSync(example, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.ya?ml$/.test(name) && !/^(target|logs|dbt_packages)\b/.test(name));
const schemaOf = (text: string) => /^# yaml-language-server: \$schema=(\S+)$/m.exec(text)?.[1];

test.each(files)('%s names the schema of its kind', (name) => {
  const schema = schemaOf(fs.readFileSync(path.join(example, name), 'utf8'));
  expect(schema).toBeDefined();
  const whole = path.resolve(path.dirname(path.join(example, name)), schema ?? '');
  expect(path.relative(root, whole)).toBe(name === 'dbt_project.yml' ? 'schemas/dbt_project.json' : 'schemas/properties.json');
  expect(JSON.parse(fs.readFileSync(whole, 'utf8'))).toMatchObject({ $schema: expect.stringContaining('json-schema.org') });
});

test('what README.md and docs/editor.md show is in the files they speak of', () => {
  const lines = (name: string) => [...fs.readFileSync(path.join(root, name), 'utf8').matchAll(/^# yaml-language-server: \$schema=(\S+)$/gm)].map((m) => m[1]);
  const shown = [
    schemaOf(fs.readFileSync(path.join(example, 'dbt_project.yml'), 'utf8')),
    schemaOf(fs.readFileSync(path.join(example, 'models/staging/_staging.yml'), 'utf8')),
  ];
  expect(lines('README.md')).toEqual(shown);
  expect(lines('docs/editor.md')).toEqual(shown);
});
