import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { libraryFiles, loadLibrary } from './library.ts';

/** Names and parameters of dbt's built-in macros: what projects and packages call. */
const wanted = JSON.parse(readFileSync(new URL('../../cases/macros/signatures.json', import.meta.url), 'utf8')) as Record<string, Record<string, string>>;
const packages: Readonly<Record<string, string>> = { dml: 'dbt', duckdb: 'dbt_duckdb', postgres: 'dbt_postgres' };

/** `name(a,b=none)` of each macro and test of a package, as written, without white space. */
function signatures(packageName: string): Record<string, string> {
  const out: Record<string, string> = {};
  for (const file of libraryFiles().filter((f) => packages[f.folder] === packageName)) {
    const text = file.text.replace(/\{#[\s\S]*?#\}/g, '');
    for (const [, tag, name, params] of text.matchAll(/\{%-?\s*(macro|test)\s+(\w+)\s*(\([\s\S]*?\))\s*-?%\}/g))
      out[`${tag === 'test' ? 'test_' : ''}${name}`] = (params ?? '').replace(/\s+/g, '').replaceAll('"', "'");
  }
  return out;
}

const guide = readFileSync(new URL('../../../docs/tests.md', import.meta.url), 'utf8');
/** The generic tests that the guide has a row for. */
const documented = new Set([...guide.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => `test_${name}`));

describe.each(Object.keys(wanted))('%s', (name) => {
  const ours = signatures(name);
  test('has every macro of dbt, with its parameters', () => {
    const theirs = wanted[name] ?? {};
    expect(Object.fromEntries(Object.keys(theirs).map((macro) => [macro, ours[macro]]))).toEqual(theirs);
  });
  test('adds only names that say they are dml’s', () => {
    const added = Object.keys(ours).filter((macro) => !(macro in (wanted[name] ?? {})));
    // Functions on DuckDB, which dbt-duckdb does not have: dispatch finds them by these names.
    const own = /^(\w+__)?dml_|accepted_range|^duckdb__\w*function_/;
    // A generic test is called by its bare name, as dbt's are: the guide says which ones are dml's.
    expect(added.filter((macro) => !own.test(macro) && !documented.has(macro))).toEqual([]);
  });
});

test('no two macros of a package share a name', () => {
  const { macros } = loadLibrary();
  const names = macros.map((m) => `${m.package}.${m.macro.name}`);
  expect(names.length).toBe(new Set(names).size);
});

test('every file begins by saying what it is for', () => {
  expect(
    libraryFiles()
      .filter((f) => !f.text.startsWith('{# '))
      .map((f) => f.path),
  ).toEqual([]);
});
