import { expect, test } from 'vitest';
import { templateOfPython } from '../../../src/parse/python.ts';

test('the calls of a Python model become a template, each on its line', () => {
  const code = `import x
def model(dbt, session):
    dbt.config(materialized="table", packages=["a (1)", 'b)'])
    a = dbt.ref("orders", v=2); b = dbt . source("raw",
        "things")
    return a`;
  expect(templateOfPython(code)).toBe(
    '\n\n{{ config(materialized="table", packages=["a (1)", \'b)\']) }}\n{{ ref("orders", v=2) }}{{ source("raw",\n        "things") }}',
  );
});

test('comments, strings and other members are left alone', () => {
  expect(templateOfPython('# dbt.ref("a")\nx = "dbt.ref(\'b\')"\ny = """\ndbt.ref("c")\n"""\nz = dbt.config.get("d")\nw = mydbt.ref("e")')).toBe('');
  expect(templateOfPython("x = 'it\\'s dbt.ref(\"a\")'\ndbt.ref('b')")).toBe("\n{{ ref('b') }}");
  expect(templateOfPython('dbt.ref("a"')).toBe('{{ ref("a" }}');
});
