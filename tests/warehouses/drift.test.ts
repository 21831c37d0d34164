// The SQL of distribution_drift against what Evidently and SciPy say of the same fixed data (drift/make_golden.py), on DuckDB and on Postgres.
import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dml } from '../command.ts';
import { onBoth } from './both.ts';

interface Compared {
  readonly scores: Readonly<Record<string, number>>;
  readonly chosen: string;
  readonly drifted: boolean;
}
interface Golden {
  readonly columns: Readonly<Record<'small' | 'large', Readonly<Record<string, Compared>>>>;
  readonly erfc: readonly (readonly [number, number])[];
  readonly kolmogorov: readonly (readonly [number, number])[];
  readonly chisquare: readonly (readonly [number, number, number])[];
}

const home = path.join(import.meta.dirname, 'drift');
const golden = JSON.parse(fs.readFileSync(path.join(home, 'golden.json'), 'utf8')) as Golden;
const { dir, engines, write, end } = await onBoth('drift');

beforeAll(() => {
  write({
    'seeds/values_of.csv': fs.readFileSync(path.join(home, 'values.csv'), 'utf8'),
    'dbt_project.yml': JSON.stringify({ name: 'drift', profile: 'p' }),
  });
});

afterAll(() => end());

/** The rows of a query, each as an object. */
async function rowsOf(engine: string, sql: string): Promise<readonly Record<string, unknown>[]> {
  const { code, stdout, stderr } = await dml(['show', '--quiet', '--inline', sql, '--limit', '-1', '--output', 'json', '--target', engine], dir);
  expect(code, stdout + stderr).toBe(0);
  return (JSON.parse(stdout) as { show: Record<string, unknown>[] }).show;
}

const drift = (column: string, size: string, args: string): string =>
  `{{ test_distribution_drift(ref('values_of'), '${column}', row_condition="side = 'current' and size = '${size}'", ` +
  `compare_row_condition="side = 'reference' and size = '${size}'", ${args}) }}`;

/** The query of every pair of a column and a method, with a threshold that makes each fail, so that the score is seen. */
function everyScore(size: 'small' | 'large'): string {
  const parts = Object.entries(golden.columns[size]).flatMap(([column, { scores }]) =>
    Object.keys(scores)
      .filter((method) => method !== 'ks_exact')
      .map((method) => {
        const isTest = method === 'ks' || method === 'chisquare' || method === 'z';
        return `select column_name, method, score from (${drift(column, size, `method='${method}', threshold=${isTest ? 2 : -1}`)}) as one`;
      }),
  );
  return parts.join('\nunion all\n');
}

// Evidently takes a probability of this test from one, which leaves it the digits of a number near one.
const Z_SLACK = 1e-15;

/** Equal to nine digits; a zero, and what is below 1e-12, only as small. `slack`: what the other side rounds off. */
function expectClose(found: number, wanted: number, what: string, slack = 0): void {
  if (Math.abs(wanted) < 1e-12) expect(Math.abs(found), what).toBeLessThan(1e-11);
  else expect(Math.abs(found - wanted), `${what}: ${found}, not ${wanted}`).toBeLessThanOrEqual(1e-9 * Math.abs(wanted) + slack);
}

describe.each(engines)('%s', (engine) => {
  beforeAll(async () => {
    const { code, stdout } = await dml(['seed', '--target', engine], dir);
    expect(code, stdout).toBe(0);
  });

  test.each(['small', 'large'] as const)('the scores of the %s samples are those of Evidently and SciPy', async (size) => {
    const rows = await rowsOf(engine, everyScore(size));
    const found = new Map(rows.map((r) => [`${r.column_name} ${r.method}`, Number(r.score)]));
    let compared = 0;
    for (const [column, { scores }] of Object.entries(golden.columns[size]))
      for (const [method, wanted] of Object.entries(scores)) {
        if (method === 'ks_exact') continue;
        expectClose(found.get(`${column} ${method}`) ?? Number.NaN, wanted, `${size} ${column} ${method}`, method === 'z' ? Z_SLACK : 0);
        compared++;
      }
    expect(compared).toBe(rows.length);
    expect(compared).toBeGreaterThan(25);
  });

  test.each(['small', 'large'] as const)('by themselves both take the same method for the %s samples and come to the same verdict', async (size) => {
    for (const [column, { chosen, drifted }] of Object.entries(golden.columns[size])) {
      const isTest = chosen === 'ks' || chosen === 'chisquare' || chosen === 'z';
      const own = await rowsOf(engine, drift(column, size, `threshold=${isTest ? 2 : -1}`));
      expect(own.map((r) => r.method)).toEqual([chosen]);
      const failing = await rowsOf(engine, drift(column, size, ''));
      expect(failing.length > 0, `${size} ${column}`).toBe(drifted);
    }
  });

  test('the functions behind probabilities have nine digits of SciPy’s', async () => {
    const table = (name: string, macro: string, xs: readonly number[]) =>
      `select ${xs.map((x, i) => `(select {{ ${macro}('x') }} from (select cast(${x} as double precision) as x) as one) as ${name}_${i}`).join(', ')}`;
    for (const [name, macro] of [
      ['erfc', 'dml_erfc'],
      ['kolmogorov', 'dml_kolmogorov_tail'],
    ] as const) {
      const pairs = golden[name];
      const [row] = await rowsOf(
        engine,
        table(
          name,
          macro,
          pairs.map(([x]) => x),
        ),
      );
      for (const [i, [x, wanted]] of pairs.entries()) expectClose(Number(row?.[`${name}_${i}`]), wanted, `${name}(${x})`);
    }
  });

  test('the probability of chi-square has nine digits of SciPy’s for one to many degrees of freedom', async () => {
    for (const degrees of new Set(golden.chisquare.map(([n]) => n))) {
      const wanted = golden.chisquare.filter(([n]) => n === degrees);
      const parts = wanted.map(
        ([n, x]) =>
          `select ${x} as x, score from (with dml_degrees as (select ${n} as degrees), ` +
          `dml_distance as (select cast(${x} as double precision) as statistic, 1 as least_reference, degrees, ` +
          `case when degrees % 2 = 0 then 0 else 0.5 end as shift from dml_degrees), ` +
          `dml_counted as (select i as value from generate_series(1, ${n + 1}) as s (i)), {{ dml_chisquare_tail() }} select score from dml_scored) as t`,
      );
      const rows = await rowsOf(engine, parts.join('\nunion all\n'));
      for (const [n, x, p] of wanted) expectClose(Number(rows.find((r) => Number(r.x) === x)?.score), p, `chi-square of ${x} with ${n}`);
    }
  });

  test.each([
    ['an empty reference', 'amount', `compare_row_condition="size = 'none'"`, 'no values in the reference'],
    ['nothing to compare', 'amount', `compare_row_condition="size = 'small'", row_condition="size = 'none'"`, 'no values to compare with the reference'],
    ['nothing but nulls', 'gap', `compare_row_condition="gap is null", row_condition="gap is not null"`, 'no values in the reference'],
    ['nothing on either side, by value', 'kind', `compare_row_condition="size = 'none'", row_condition="size = 'none'"`, 'no values in the reference'],
  ])('%s fails with every method', async (_, column, conditions, problem) => {
    const methods = column === 'kind' ? ['auto', 'psi', 'jensenshannon', 'chisquare', 'z'] : ['auto', 'ks', 'wasserstein', 'psi', 'jensenshannon', 'chisquare'];
    for (const method of methods) {
      const rows = await rowsOf(engine, `{{ test_distribution_drift(ref('values_of'), '${column}', ${conditions}, method='${method}') }}`);
      expect(
        rows.map((r) => r.problem),
        method,
      ).toEqual([problem]);
    }
  });

  test('a constant column passes with every method', async () => {
    for (const method of ['wasserstein', 'psi', 'jensenshannon', 'chisquare', 'z', 'ks'])
      expect(await rowsOf(engine, drift('steady', 'small', `method='${method}'`)), method).toEqual([]);
  });

  test.each([
    ['no reference', `'amount'`, 'needs compare_model, compare_row_condition or both'],
    ['a column that is not there', `'amuont', compare_row_condition='true'`, 'there is no column amuont; did you mean amount?'],
    ['a method that is none', `'amount', compare_row_condition='true', method='kl'`, 'method is one of auto, ks'],
    ['a method of numbers for text', `'kind', compare_row_condition='true', method='ks'`, 'ks compares numbers'],
    ['a threshold that is no number', `'kind', compare_row_condition='true', threshold='much'`, 'threshold is a number, not much'],
  ])('%s is an error', async (_, args, message) => {
    const { code, stdout, stderr } = await dml(['show', '--inline', `{{ test_distribution_drift(ref('values_of'), ${args}) }}`, '--target', engine], dir);
    expect(code).not.toBe(0);
    expect(stdout + stderr).toContain(message);
  });
});
