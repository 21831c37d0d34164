import { describe, expect, test } from 'vitest';
import { TestProject } from '../run/project.ts';

/** Where the first error of a build is said to be, and what stands there. */
async function place(files: Readonly<Record<string, string>>): Promise<{ readonly at: string; readonly word: string; readonly text: string }> {
  const { text } = await new TestProject(files).dml(['build']);
  const lines = text.split('\n');
  const head = lines.findIndex((l) => l.includes('error['));
  const carets = lines.slice(head).find((l) => /\|\s*\^+\s*$/.test(l)) ?? '';
  const excerpt = lines[lines.indexOf(carets) - 1] ?? '';
  return { at: (lines[head + 1] ?? '').trim(), word: excerpt.slice(carets.indexOf('^'), carets.lastIndexOf('^') + 1), text };
}

describe('an error of the database is placed in the template', () => {
  test('in plain text', async () => {
    expect(await place({ 'models/a.sql': '\n\nselect 1 as x,\n  nope as y' })).toMatchObject({ at: 'models/a.sql:4:3', word: 'nope' });
  });
  test('behind output that is longer than its template', async () => {
    expect(await place({ 'models/a.sql': "select '{{ 'x' * 500 }}' as x, {% for i in range(3) %}{{ i }} as c{{ i }}, {% endfor %}nope" })).toMatchObject({
      word: 'nope',
    });
  });
  test('in a macro', async () => {
    const { at, word, text } = await place({
      'macros/m.sql': '{% macro total(c) %}\n  sum({{ c }}) + nope\n{% endmacro %}',
      'models/a.sql': "select {{ total('1') }}",
    });
    expect([at, word]).toEqual(['macros/m.sql:2:18', 'nope']);
    expect(text).toContain('expanded from macro `total`');
    expect(text).toContain('in model `a`');
  });
  test('in an ephemeral model', async () => {
    const { at, text } = await place({
      'models/e.sql': "{{ config(materialized='ephemeral') }}\nselect 1 as a,\n nope as b",
      'models/a.sql': "with z as (select 1) select * from {{ ref('e') }}",
    });
    expect(at).toBe('models/e.sql:3:2');
    expect(text).toContain('in the ephemeral model `e`, which stands in the SQL of `a`');
  });
  test('behind the CTE of an ephemeral model', async () => {
    expect(
      await place({ 'models/e.sql': "{{ config(materialized='ephemeral') }}select 1 as a", 'models/a.sql': "select a,\n  nope\nfrom {{ ref('e') }}" }),
    ).toMatchObject({ at: 'models/a.sql:2:3', word: 'nope' });
  });
  test('in a template that asked the database while it was rendered', async () => {
    const sql = "{% set n = run_query('select 3') %}{% if execute %}select {{ n.columns[0].values()[0] }} as x,\n nope{% else %}select 1{% endif %}";
    expect(await place({ 'models/a.sql': sql })).toMatchObject({ at: 'models/a.sql:2:2', word: 'nope' });
  });
  test('of a generic test of dml, at the test', async () => {
    const { at } = await place({
      'models/a.sql': 'select 1 as x',
      'models/s.yml': 'models:\n  - name: a\n    columns:\n      - name: y\n        data_tests: [not_null]\n',
    });
    expect(at).toMatch(/^models\/s\.yml:5:/);
  });
  test('in the statement around a singular test', async () => {
    expect(await place({ 'models/a.sql': 'select 1 as x', 'tests/t.sql': "select *\nfrom {{ ref('a') }}\nwhere y = 1" })).toMatchObject({
      at: 'tests/t.sql:3:7',
      word: 'y',
    });
  });
});

describe('compiling', () => {
  test('a reference that parsing did not see', async () => {
    const { text } = await new TestProject({ 'models/a.sql': 'select 1 as x', 'models/b.sql': "select 1 {% if execute %} from {{ ref('a') }}{% endif %}" }).dml(
      ['run'],
    );
    expect(text).toContain('error[ref-not-recorded]');
    expect(text).toContain("-- depends_on: {{ ref('a') }}");
  });
  test('what an abandoned attempt has logged is told once', async () => {
    const p = new TestProject({ 'models/a.sql': "{{ log('one line', info=true) if execute }}{% set n = run_query('select 1') %}select 1 as x" });
    expect((await p.dml(['run'])).text.match(/one line/g)).toHaveLength(1);
  });
  test('--no-introspect refuses a template that needs the database', async () => {
    const p = new TestProject({ 'models/a.sql': "{% set n = run_query('select 1') %}select 1 as x", 'models/b.sql': 'select 2 as y' });
    const { text } = await p.dml(['compile', '--no-introspect']);
    expect(text).toContain('error[needs-database]: compiling `a` needs the database');
  });
  test('--empty gives relations without rows', async () => {
    const p = new TestProject({
      'models/a.sql': "{{ config(materialized='table') }}select 1 as x",
      'models/b.sql': "{{ config(materialized='table') }}select * from {{ ref('a') }} as t",
    });
    expect((await p.dml(['run', '--empty'])).code).toBe(0);
    expect(await p.rows('select (select count(*) from a), (select count(*) from b)')).toEqual([['1', '0']]);
  });
  test('an inline template refers to the project and gets its ephemeral models', async () => {
    const p = new TestProject({ 'models/e.sql': "{{ config(materialized='ephemeral') }}select 5 as n" });
    const { code, text } = await p.dml(['show', '--inline', "select n + 1 as m from {{ ref('e') }} limit 3", '--output', 'json', '--quiet']);
    expect(code).toBe(0);
    expect(JSON.parse(text)).toEqual({ show: [{ m: 6 }] });
  });
  test('results of statements: a name is loaded once, main as often as one likes', async () => {
    const p = new TestProject({
      'models/a.sql':
        "{% call statement('q', fetch_result=true) %}select 7 as n{% endcall %}{% if execute %}{% set r = load_result('q') %}select {{ r.data[0][0] }} as n, {{ load_result('nothing') is none }} as b, {{ load_result('q') }}{% else %}select 1{% endif %}",
    });
    const { text } = await p.dml(['run']);
    expect(text).toContain("The 'statement' result named 'q' has already been loaded");
  });
});

describe('the query comment', () => {
  const files = { 'models/a.sql': 'select 1 as x' };
  const log = (p: TestProject): string => p.read('logs/dml.log');
  test("is dbt's by default", async () => {
    const p = new TestProject(files);
    await p.dml(['run']);
    expect(log(p)).toMatch(
      /\/\* \{"app": "dbt", "dbt_version": "[\d.]+", "profile_name": "shop", "target_name": "dev", "node_id": "model\.shop\.a"\} \*\/\ncreate or replace view/,
    );
  });
  test('is what the project says, where it says', async () => {
    const p = new TestProject(files, "query-comment: {comment: 'by {{ target.name }} for {{ node.name }}', append: true}\n");
    expect((await p.dml(['run'])).code).toBe(0);
    expect(log(p)).toContain('/* by dev for a */');
    const none = new TestProject(files, 'query-comment:\n');
    await none.dml(['run']);
    expect(log(none)).not.toContain('/*');
  });
  test('must not end a comment', async () => {
    const { text, code } = await new TestProject(files, "query-comment: 'x */ drop'\n").dml(['run']);
    expect(code).toBe(2);
    expect(text).toContain('query-comment: it contains "*/"');
  });
});
