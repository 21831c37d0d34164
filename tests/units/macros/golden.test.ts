import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { DiagnosticError } from '../../../src/text/index.ts';
import { loadLibrary, renderer } from './library.ts';

type Outcome = { readonly text: string } | { readonly error: string };

interface Case {
  readonly config: Readonly<Record<string, unknown>>;
  readonly body: string;
  readonly duckdb: Outcome;
  readonly postgres: Outcome;
}

const file = new URL('../../cases/macros/golden.json', import.meta.url);
const cases = JSON.parse(readFileSync(file, 'utf8')) as Case[];
const known = JSON.parse(readFileSync(new URL('../../cases/macros/known-differences.json', import.meta.url), 'utf8')) as Record<
  string,
  { readonly text: string; readonly why: string }
>;

const preamble =
  "{%- set rel = api.Relation.create(database='db', schema='sch', identifier='tab', type='table') -%}" +
  "{%- set other = api.Relation.create(database='db', schema='sch', identifier='other', type='table') -%}" +
  "{%- set view = api.Relation.create(database='db', schema='sch', identifier='v', type='view') -%}" +
  "{%- set mv = api.Relation.create(database='db', schema='sch', identifier='mv', type='materialized_view') -%}" +
  "{%- set tmp = api.Relation.create(identifier='tab__dbt_tmp', type='table') -%}" +
  "{%- set cols = [api.Column('id', 'integer'), api.Column('Name', 'character varying', 30)] -%}";

/** As the golden texts are kept: without comment lines. White space says nothing here. */
function squeeze(text: string): string {
  const lines = text.split('\n').filter((line) => !line.trim().startsWith('--'));
  return lines.join(' ').replace(/\s+/g, '');
}

const library = loadLibrary();

test('the library parses', () => {
  expect(library.problems).toEqual([]);
  expect(library.macros.length).toBeGreaterThan(550);
});

describe.each(['duckdb', 'postgres'] as const)('texts of dbt on %s', (adapter) => {
  const render = renderer(library, adapter);
  test.each(cases.map((c, i) => [`${i}: ${c.body.slice(0, 90)}`, c] as const))('%s', (_, { config, body, [adapter]: wanted }) => {
    const outcome = (): string => {
      try {
        return squeeze(render(preamble + body, { config }).text);
      } catch (e) {
        if (e instanceof DiagnosticError) return `error: ${e.message}`;
        throw e;
      }
    };
    const different = known[`${adapter}: ${body}`];
    if (different) {
      expect(outcome()).toBe(different.text);
    } else if ('error' in wanted) {
      expect(outcome()).toMatch(/^error: /);
    } else {
      expect(outcome()).toBe(squeeze(wanted.text));
    }
  });
});
