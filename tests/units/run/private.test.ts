import fs from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hides, type Privacy, privacyOf } from '../../../src/run/private.ts';
import { rowDiff } from '../../../src/run/unit/diff.ts';
import type { Cell } from '../../../src/sql/index.ts';
import { TestProject } from './project.ts';

const people = `
models:
  - name: people
    columns:
      - name: id
      - name: email
        meta: {pii: true}
        data_tests:
          - unique
          - accepted_values: {arguments: {values: [none]}}
          - accepted_regex: {arguments: {regex: '^[0-9]+$'}}
          - relationships: {arguments: {to: ref('nobody'), field: email}}
  - name: nobody
  - name: broken
unit_tests:
  - name: loud
    model: people
    given: [{input: ref('raw_people'), rows: [{id: 1, email: quiet}]}]
    expect: {rows: [{id: 1, email: quiet}]}
`;

/** Values of a private column come from a file, so that no SQL holds one: whatever shows one has it from a row. */
function project(values: readonly string[]): TestProject {
  const p = new TestProject({
    'people.json': JSON.stringify(values.map((email, id) => ({ id, email }))),
    'models/people.sql': `select id, reverse(email) as email from {{ ref('raw_people') }}`,
    'models/nobody.sql': `select 'none' as email where 1 = 0`,
    'models/broken.sql': `{{ config(materialized='table') }} select cast(email as integer) as n from {{ ref('people') }}`,
    'models/people.yml': people,
    'tests/refused.sql': `select id from {{ ref('people') }} where cast(email as integer) > 0`,
    'tests/renamed.sql': `select upper(email) as contact, id from {{ ref('people') }}`,
  });
  const file = path.join(p.dir, 'people.json');
  p.write({ 'models/raw_people.sql': `select id, email from read_json('${file}', columns = {id: 'integer', email: 'varchar'})` });
  return p;
}

/** All that dml has written, besides the database: the terminal, the log and the target folder. */
function written(p: TestProject, text: string): string {
  const files = ['logs', 'target'].flatMap((dir) => {
    const all = fs.readdirSync(path.join(p.dir, dir), { recursive: true, withFileTypes: true });
    return all.filter((f) => f.isFile()).map((f) => fs.readFileSync(path.join(f.parentPath, f.name), 'utf8'));
  });
  return [text, ...files].join('\n').toLowerCase();
}

describe('values of private columns', () => {
  test.each([[[]], [['--log-format', 'json']], [['--debug']]])('are in nothing that is written: %s', async (flags) => {
    const marker = fc.tuple(fc.stringMatching(/^[ -~\n]{0,4}$/), fc.stringMatching(/^q[xz]{9}q$/), fc.stringMatching(/^[ -~\n]{0,4}$/));
    await fc.assert(
      fc.asyncProperty(marker, async ([before, word, after]) => {
        const value = `${before}${word}${after}`;
        const p = project([value, value, 'plain']);
        const run = await p.dml(['run', ...flags]);
        expect(run.statuses).toMatchObject({ people: 'success', broken: 'error' });
        const kept = p.read('target/run_results.json');
        const tested = await p.dml(['test', ...flags]);
        expect(tested.statuses).toMatchObject({ renamed: 'fail', refused: 'error', 'people.loud': 'fail', unique_people_email: 'fail' });
        const all = written(p, run.text + kept + tested.text);
        expect(all).toContain('***');
        expect(all).not.toContain(word);
        expect(all).not.toContain([...word].reverse().join(''));
        expect(all).not.toContain('teiuq');
      }),
      { numRuns: 3 },
    );
  });
  type Relation = Parameters<typeof privacyOf>[0][number];
  const column = (name: string, pii: unknown) => ({ name, meta: { pii }, config: {} });
  const relation = (id: string, columns: { name: string }[] = [], pii: unknown = null): Relation =>
    ({ unique_id: id, meta: { pii }, config: {}, columns: Object.fromEntries(columns.map((c) => [c.name, c])) }) as unknown as Relation;
  /** A project of these relations, each built from the one before it. */
  const chain = (...all: Relation[]) => ({
    nodes: new Map(all.map((r) => [r.unique_id, r])),
    sources: new Map(),
    parents: new Map(all.map((r, i) => [r.unique_id, i === 0 ? [] : [(all[i - 1] as Relation).unique_id]])),
  });
  const privacyIn = (relations: Relation[], all = relations): Privacy | undefined =>
    privacyOf(relations, chain(...all) as unknown as Parameters<typeof privacyOf>[1]);

  test('are those of marked columns, and of undeclared ones where the SQL names a marked one', () => {
    expect(privacyIn([relation('a', [column('id', false), column('name', 'no'), column('age', null)])])).toBeUndefined();
    const privacy = privacyIn([relation('a', [column('Email', true), column('id', false)]), relation('b', [column('email', false)])]) as Privacy;
    expect(['EMAIL', 'id', 'n_records', 'contact'].map((c) => hides(privacy, c, 'select upper(email) as contact'))).toEqual([true, false, false, true]);
    expect(hides(privacy, 'contact', 'select phone as contact')).toBe(false);
    expect(hides(privacy, 'contact', null)).toBe(true);
  });
  test('are those of columns that have the name of a private one in what their relation is built from, however far off', () => {
    const raw = relation('raw', [column('email', true), column('id', null)]);
    const middle = relation('middle', [column('id', null)]);
    const end = relation('end', [column('Email', null), column('id', null)]);
    expect(privacyIn([end], [raw, middle, end])).toEqual({ marked: new Set(['email']), open: new Set(['id']), all: false });
    const released = relation('middle', [column('EMAIL', false)]);
    expect(privacyIn([end], [raw, released, end])).toBeUndefined();
    const whole = relation('raw', [column('email', null), column('id', false)], true);
    expect(privacyIn([end], [whole, middle, end])).toEqual({ marked: new Set(['email']), open: new Set(['id']), all: false });
    expect(privacyIn([whole])?.all).toBe(true);
  });
  test('are not in the difference of a unit test, which is the same otherwise', () => {
    const cell = fc.oneof(fc.constantFrom<Cell>('secret-1', 'secret-2', null), fc.integer({ min: 1, max: 3 }));
    const rows = fc.array(fc.tuple(cell, fc.integer({ min: 0, max: 2 })), { maxLength: 5 });
    fc.assert(
      fc.property(rows, rows, (a, b) => {
        const open = rowDiff(['name', 'n'], a, b);
        const closed = rowDiff(['name', 'n'], a, b, (column) => column === 'name');
        const marks = (diff: string | undefined) => diff?.split('\n').map((line) => line.slice(0, 3));
        expect(marks(closed)).toEqual(marks(open));
        expect(closed ?? '').not.toContain('secret');
      }),
    );
  });
});
