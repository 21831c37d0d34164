import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { dml, folder } from '../cli/world.ts';

const project = (vars: string): string => `name: shop\nvars: {${vars}}\nmodels: {shop: {tagged: {+alias: "{{ env_var('ALIAS', 'tagged') }}"}}}\n`;
const VARS = `rate: 1, unused: 1, deep: x, nested: "{{ env_var('NESTED', 'n') }}"`;
const home = folder({
  'dbt_project.yml': project(VARS),
  'models/text.sql': "select {{ var('rate') }} as rate, '{{ env_var('COUNTRY', 'no') }}' as country",
  'models/macro.sql': "select '{{ outer() }}' as id",
  'models/template.sql': "select '{{ var('nested') }}' as id",
  'models/tagged.sql': 'select 1 as id',
  'models/computed.sql': "{% set name = 'ra' ~ 'te' %}select {{ var(name) }} as id",
  'models/models.yml': 'models: [{name: tagged, columns: [{name: id, data_tests: [{accepted_values: {arguments: {values: ["{{ var(\'rate\') }}"]}}}]}]}]\n',
  'macros/m.sql': '{% macro outer() %}{{ inner() }}{% endmacro %}{% macro inner() %}{{ var("deep") }}{% endmacro %}',
});
afterAll(() => home.remove());

/** What `modified.semantic` finds, each with its reasons. */
async function why(flags: readonly string[] = [], env: Readonly<Record<string, string>> = {}): Promise<string> {
  const argv = ['ls', '--quiet', '--why', '--state', 'before', '--resource-type', 'model', '--select', 'state:modified.semantic', ...flags];
  return (await dml(home.dir, argv, { env })).stdout;
}

test('the values of variables that a node uses count for its meaning, those of others do not', async () => {
  expect((await dml(home.dir, ['parse', '--quiet', '--target-path', 'before'])).code).toBe(0);
  expect(await why()).toBe('');
  expect(await why(['--vars', 'unused: 2'])).toBe('shop.computed\n  input: var unused: 1 -> 2\n');
  expect(await why(['--vars', 'rate: 1.0'])).toBe('');
  expect(await why(['--vars', 'deep: y'])).toBe('shop.computed\n  input: var deep: "x" -> "y"\nshop.macro\n  input: var deep: "x" -> "y"\n');
  expect(await why(['--vars', 'rate: 2'])).toBe('shop.computed\n  input: var rate: 1 -> 2\nshop.text\n  input: var rate: 1 -> 2\n');
  const changed = ['ls', '--quiet', '--state', 'before', '--vars', 'rate: 2', '--select'];
  expect((await dml(home.dir, [...changed, 'state:modified.semantic,test_type:data'])).stdout).toMatch(/^shop.accepted_values_tagged_id\S+\n$/);
  const { stdout } = await dml(home.dir, [...changed, 'state:modified']);
  expect(stdout, 'for `modified` only what counts for dbt does').toBe('');
});

test('so do those of environment variables, in texts, settings and variables; their values are not written down', async () => {
  const hidden = { COUNTRY: 'Ruritania' };
  expect(await why([], hidden)).toBe('shop.text\n  input: env_var COUNTRY\n');
  expect(await why([], { ALIAS: 'other' })).toBe('shop.tagged\n  input: env_var ALIAS\n');
  expect(await why([], { NESTED: 'm' })).toBe('shop.computed\n  input: env_var NESTED\nshop.template\n  input: env_var NESTED\n');
  expect((await dml(home.dir, ['parse', '--quiet', '--target-path', 'other'], { env: hidden })).code).toBe(0);
  const kept = readFileSync(path.join(home.dir, 'other/dml_inputs.json'), 'utf8');
  expect(kept).toContain('COUNTRY');
  expect(kept).not.toContain('Ruritania');
});

test('an unreadable file of them is a diagnostic', async () => {
  writeFileSync(path.join(home.dir, 'before/dml_inputs.json'), '{"version": 1, "nod');
  const { code, stdout } = await dml(home.dir, ['ls', '--quiet', '--state', 'before', '--select', 'state:modified']);
  expect(code).toBe(2);
  expect(stdout).toContain('error[state-unreadable]');
});
