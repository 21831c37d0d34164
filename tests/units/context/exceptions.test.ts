import { describe, expect, test } from 'vitest';
import { DiagnosticError } from '../../../src/text/index.ts';
import { render } from './world.ts';

function raised(template: string): DiagnosticError['diagnostic'] {
  try {
    render(template);
  } catch (e) {
    if (e instanceof DiagnosticError) return e.diagnostic;
    throw e;
  }
  throw new Error('expected a diagnostic');
}

const node = (name: string): string =>
  `{'unique_id': 'model.p.${name}', 'name': '${name}', 'original_file_path': 'models/${name}.sql', 'database': 'd', 'schema': 's', 'alias': '${name}', 'config': {'materialized': 'cube'}}`;

describe('each raises its code', () => {
  test.each([
    ["raise_compiler_error('x')", 'macro-raised', 'x'],
    ["raise_compiler_error('x', model)", 'macro-raised', 'x'],
    ["raise_not_implemented('x')", 'macro-not-implemented', 'x'],
    ["raise_database_error('x')", 'macro-database-error', 'x'],
    ["raise_fail_fast_error('x')", 'macro-fail-fast', 'x'],
    ["raise_cache_inconsistent('x')", 'macro-raised', 'Cache inconsistency detected: x'],
    ["raise_dataclass_not_dict('x')", 'macro-raised', 'x is no dictionary'],
    ["raise_dependency_error('x')", 'macro-dependency', 'x'],
    ["raise_dep_not_found(none, 'model m', 'dbt_utils')", 'macro-dependency', 'model m needs the package "dbt_utils"'],
    [`missing_config(${node('m')}, 'key')`, 'config-required', '`model.p.m` does not set `key`'],
    [`missing_materialization(${node('m')}, 'duckdb')`, 'materialization-missing', 'no materialization `cube` for duckdb'],
    ["missing_relation(Relation.create(identifier='t'))", 'relation-missing', '"t" does not exist'],
    ["relation_wrong_type(Relation.create(identifier='t', type='table'), 'view')", 'relation-type', '"t" should become a view, but exists as a table'],
    ['raise_contract_error([], [])', 'contract-empty', '`orders`'],
    ["column_type_missing(['a', 'b'])", 'contract-untyped', '`a`, `b`'],
    [`raise_ambiguous_alias(${node('a')}, ${node('b')})`, 'macro-ambiguous', '"d.s.a": model.p.a (models/a.sql) and model.p.b (models/b.sql)'],
    [`raise_ambiguous_alias(${node('a')}, ${node('b')}, 'x')`, 'macro-ambiguous', 'built as "x"'],
    [
      "raise_ambiguous_catalog_match('m', {'metadata': {'schema': 's', 'name': 'A'}}, {'metadata': {'schema': 's', 'name': 'a'}})",
      'macro-ambiguous',
      's.A and s.a',
    ],
    [`raise_duplicate_patch_name(${node('a')}, 'models/x.yml')`, 'macro-ambiguous', 'described twice: in models/a.sql and in models/x.yml'],
    [`raise_duplicate_resource_name(${node('a')}, ${node('a')})`, 'macro-ambiguous', 'have the name "a"'],
    ["raise_invalid_property_yml_version('x.yml', 'no version')", 'property-file-version', 'x.yml: no version'],
  ])('%s', (call, code, message) => {
    const d = raised(`{{ exceptions.${call} }}`);
    expect(d.code).toBe(code);
    expect(d.message).toContain(message);
  });
});

test('the place is the call', () => {
  const { at } = raised("select\n  {{ exceptions.raise_compiler_error('x') }}");
  expect(at?.file.text.slice(at.start, at.end)).toContain('raise_compiler_error');
});

test('a contract lists what differs', () => {
  const d = raised("{{ exceptions.raise_contract_error([{'name': 'a', 'data_type': 'INTEGER'}], [{'name': 'a', 'data_type': 'BIGINT'}]) }}");
  expect(d.cause).toContain('| a           | BIGINT          | INTEGER       | data type mismatch |');
});

test('warnings go to the output and print nothing', () => {
  const warned: string[] = [];
  const text = render(
    "[{{ exceptions.warn('careful') }}{{ exceptions.warn_snapshot_timestamp_data_types('A', 'B') }}]",
    {},
    undefined,
    (m) => void warned.push(m),
  );
  expect(text).toBe('[None]');
  expect(warned[0]).toBe('careful');
  expect(warned[1]).toContain('(A)');
});

test('an unknown name is undefined, as dbt’s macros test for', () => expect(render('{{ 1 if exceptions.warn_nothing else 0 }}')).toBe('0'));

describe('modules', () => {
  test.each([
    ["{{ modules.datetime.datetime.strptime('2024-03-01', '%Y-%m-%d').strftime('%d %B') }}", '01 March'],
    ['{{ modules.datetime.datetime.now() }}', '2024-01-02 03:04:05'],
    ["{{ modules.re.sub('[^a-z]', '_', 'a-b') }}", 'a_b'],
    ["{{ modules.pytz.timezone('Europe/Berlin').localize(modules.datetime.datetime(2024, 7, 1)) }}", '2024-07-01 00:00:00+02:00'],
    ['{{ modules.itertools.chain([1], [2]) | list }}', '[1, 2]'],
  ])('%s', (template, wanted) => expect(render(template)).toBe(wanted));
});
