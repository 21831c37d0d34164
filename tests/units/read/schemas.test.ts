import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { validateProperties } from '../../../src/read/index.ts';
import { schemaFiles } from '../../../src/read/schema/json.ts';
import { Diagnostics, parseYaml, renderDiagnostic, sourceFile } from '../../../src/text/index.ts';

const root = join(import.meta.dirname, '../../..');

describe('schemas/', () => {
  it.each([...schemaFiles()])('%s is what the zod schemas say (else run `npm run schemas`)', (name, text) => {
    expect(JSON.parse(readFileSync(join(root, 'schemas', name), 'utf8'))).toEqual(JSON.parse(text));
  });

  it('are draft 7 with a title and named properties', () => {
    for (const [name, text] of schemaFiles()) {
      const schema = JSON.parse(text) as Record<string, unknown>;
      expect([name, schema['$schema']]).toEqual([name, 'http://json-schema.org/draft-07/schema#']);
      expect(typeof schema['title']).toBe('string');
      expect(Object.keys(schema['properties'] as object).length).toBeGreaterThan(0);
    }
    const project = JSON.parse(schemaFiles().get('dbt_project.json') ?? '') as { required: string[]; properties: Record<string, { description?: string }> };
    expect(project.required).toEqual(['name']);
    expect(project.properties['model-paths']?.description).toMatch(/Folders of models/);
  });
});

describe('real properties files', () => {
  const files = yamlFiles(join(root, 'example-project', 'models'));
  it('of the example project are accepted without a word', () => {
    expect(files.length).toBeGreaterThan(0);
    const sink = new Diagnostics();
    for (const path of files) {
      const document = parseYaml(sourceFile(path, readFileSync(path, 'utf8')), sink);
      if (document) validateProperties(document, sink);
    }
    expect(sink.all.map((d) => renderDiagnostic(d))).toEqual([]);
  });
});

function yamlFiles(dir: string): string[] {
  if (!existsSync(dir)) return [];
  return readdirSync(dir, { withFileTypes: true, recursive: true })
    .filter((e) => e.isFile() && /\.ya?ml$/.test(e.name))
    .map((e) => join(e.parentPath ?? e.path, e.name));
}
