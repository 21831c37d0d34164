import path from 'node:path';
import { expect, test } from 'vitest';
import type { Flags } from '../../../src/cli/flags.ts';
import { openProject } from '../../../src/cli/open.ts';
import type { World } from '../../../src/cli/world.ts';
import { Compiler, type CompileSettings } from '../../../src/compile/index.ts';
import type { Node } from '../../../src/resolve/index.ts';
import { Diagnostics } from '../../../src/text/index.ts';
import { TestProject } from '../run/project.ts';

test('a template is parsed once, for resolving and for compiling it', async () => {
  const { dir } = new TestProject({
    'models/a.sql': "\n{{ config(tags=['x']) }}\nselect 1 as id\n",
    'models/b.sql': "{% for i in range(2) %}select * from {{ ref('a') }} {{ 'union all' if not loop.last }} {% endfor %}",
    'models/s.yml': 'models:\n  - name: a\n    columns: [{name: id, data_tests: [not_null]}]\n  - name: b\n    columns: [{name: id, data_tests: [not_null]}]\n',
    'tests/t.sql': "select * from {{ ref('a') }} where id > 1",
  });
  const templates = `${path.resolve(import.meta.dirname, '../../../templates')}/`;
  // Opening takes no more of the world and the flags than these.
  const world = { cwd: dir, home: dir, env: {}, now: () => 0, invocationId: '', templates, library: undefined } as unknown as World;
  const flags = { command: 'ls', projectDir: dir, versionCheck: true, args: {}, values: new Map() } as unknown as Flags;
  const sink = new Diagnostics();
  const project = await openProject(flags, world, sink, { log() {}, print() {}, warn() {} });
  if (!project) throw new Error(sink.errors.map((d) => d.message).join('\n'));
  const { manifest, invocation } = project;
  // Finding a template takes no more of the settings than these.
  const compiler = new Compiler({ manifest, invocation } as unknown as CompileSettings);
  const node = (name: string): Node => [...manifest.nodes.values()].find((n) => n.name === name) as Node;

  for (const name of ['a', 'b', 't']) {
    const template = compiler.template(node(name));
    expect(template).toBe(manifest.templates.get(node(name).unique_id));
    expect(template.file.text).toBe(node(name).raw_code);
  }
  expect(compiler.template({ ...node('a'), raw_code: 'select 2' }).file.text).toBe('select 2');
  expect(compiler.template(node('not_null_a_id'))).toBe(compiler.template(node('not_null_b_id')));
});
