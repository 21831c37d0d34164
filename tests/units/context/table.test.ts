import { describe, expect, test } from 'vitest';
import { emptyTable, tableOf, tableValue } from '../../../src/context/table.ts';
import type { Value } from '../../../src/jinja/index.ts';
import type { Cell, CellType, ResultTable } from '../../../src/sql/index.ts';
import { render } from './world.ts';

/** A result of columns given as `name: [type, ...cells]`. */
function result(columns: Readonly<Record<string, readonly [CellType, ...Cell[]]>>): ResultTable {
  const all = Object.entries(columns);
  const height = Math.max(0, ...all.map(([, [, ...cells]]) => cells.length));
  return {
    columns: all.map(([name, [type]]) => ({ name, type, dataType: type })),
    rows: Array.from({ length: height }, (_, i) => all.map(([, [, ...cells]]) => cells[i] ?? null)),
  };
}

const people = result({ id: ['integer', 3, 1, 2], name: ['text', 'b', null, 'a'], amt: ['decimal', '1.5', '2.50', null] });

function shown(template: string, table: ResultTable = people): string {
  const printed: string[] = [];
  const text = render(template, { t: tableValue(table, (line) => void printed.push(line)) });
  return [text, ...printed].filter((s) => s !== '').join('\n');
}

describe('values are those dbt gives', () => {
  // Each was printed by dbt with DuckDB: `{{ t.columns[0].values() | list }}`.
  const cases: readonly (readonly [CellType, Cell, string, string])[] = [
    ['integer', 1, '[1]', 'Integer'],
    ['integer', 170141183460469231731687303715884105727n, '[170141183460469231731687303715884105727]', 'Integer'],
    ['decimal', '1.50', "[Decimal('1.50')]", 'Number'],
    ['decimal', '2.00', "[Decimal('2.00')]", 'Number'],
    ['float', 1.5, "[Decimal('1.5')]", 'Number'],
    ['float', 3, "[Decimal('3.0')]", 'Number'],
    ['float', 1e20, "[Decimal('1E+20')]", 'Number'],
    ['boolean', true, '[True]', 'Boolean'],
    ['text', 'x', "['x']", 'Text'],
    ['text', '12', "['12']", 'Text'],
    ['text', '', "['']", 'Text'],
    ['date', '2024-01-02', '[datetime.date(2024, 1, 2)]', 'Date'],
    ['timestamp', '2024-01-02 03:04:05.5', '[datetime.datetime(2024, 1, 2, 3, 4, 5, 500000)]', 'DateTime'],
    ['time', '01:02:03', "['01:02:03']", 'Text'],
    ['interval', '3 days', "['3 days, 0:00:00']", 'Text'],
    ['interval', '1 month 01:02:03.5', "['30 days, 1:02:03.500000']", 'Text'],
    ['binary', 'ab\\x00', '["b\'ab\\\\x00\'"]', 'Text'],
    ['other', '[1, 2]', "['[1, 2]']", 'Text'],
  ];
  test.each(cases)('%s %s', (type, cell, wanted, kind) => {
    expect(shown('{{ t.columns[0].values() | list }}', result({ c: [type, cell] }))).toBe(wanted);
    expect(shown('{{ t }}', result({ c: [type, cell] })).split('\n')[2]).toBe(`| c      | ${kind.padEnd(9)} |`);
  });
  test('a time with zone prints in UTC', () =>
    expect(shown('{{ t.columns[0].values()[0] }}', result({ c: ['timestamp_tz', '2024-01-02 01:04:05+00:00'] }))).toBe('2024-01-02 01:04:05+00:00'));
  test('a column of nulls counts as integers', () => expect(shown('{{ t }}', result({ c: ['text', null] }))).toContain('Integer'));
  test('dates that Python has not stay text', () => {
    expect(shown('{{ t.columns[0].values() | list }}', result({ c: ['date', 'infinity'] }))).toBe("['infinity']");
    expect(shown('{{ t }}', result({ c: ['date', 'infinity'] }))).toContain('Text');
  });
});

describe('reading', () => {
  test.each([
    ['{{ t.column_names }}', "('id', 'name', 'amt')"],
    ['{{ t.columns[0] }}', '<agate.Column: (3, 1, 2)>'],
    ['{{ t.columns["id"].values() }} {{ t.columns.id.name }}', '(3, 1, 2) id'],
    ['{{ t.columns.keys() }}', "('id', 'name', 'amt')"],
    ['{{ t.rows[0] }}', "<agate.Row: (3, 'b', Decimal('1.5'))>"],
    ['{{ t.rows[0]["id"] }}{{ t.rows[0].id }}{{ t.rows[0][0] }}{{ t[0][0] }}', '3333'],
    ['{{ t.rows[-1].name }}', 'a'],
    ['{{ t.rows[0:2] | length }} {{ t.rows[0:1] }}', "2 (<agate.Row: (3, 'b', Decimal('1.5'))>,)"],
    ['{{ t | length }} {{ t.rows | length }}', '3 3'],
    ['{% for row in t %}{{ row["id"] }}{% endfor %}', '312'],
    ['{% for a, b, c in t.rows %}{{ a }}{{ b }};{% endfor %}', '3b;1None;2a;'],
    ['{{ t.rows[0].values() }} {{ t.rows[0].keys() }}', "(3, 'b', Decimal('1.5')) ('id', 'name', 'amt')"],
    ['{{ t.rows[0].dict() }}', "{'id': 3, 'name': 'b', 'amt': Decimal('1.5')}"],
    ['{{ t.rows[0].get("zz", 5) }} {{ t.rows[0].get("id") }}', '5 3'],
    ['{{ t.rows | map(attribute="id") | list }} {{ t.rows | map(attribute=0) | list }}', '[3, 1, 2] [3, 1, 2]'],
    ['{{ t.columns | map(attribute="name") | list }}', "['id', 'name', 'amt']"],
    ['{{ t.columns["id"].values() | sum }} {{ t.columns["id"].values() | join(",") }}', '6 3,1,2'],
    ['{{ 1 in t.columns["id"] }} {{ 9 in t.columns["id"] }}', 'True False'],
    ['{{ t.columns[0] == t.columns[0] }} {{ t.rows[0] == t.rows[1] }}', 'True False'],
    ['{{ t.columns["id"].values_sorted() }} {{ t.columns["name"].values_without_nulls() }}', "[1, 2, 3] ('b', 'a')"],
    ['{{ t.rows[0].zzz is defined }} {{ t.rows[0].id is defined }} {{ t.row_names }}', 'False True None'],
    ['{{ t.columns[0].data_type.__class__ is defined }}', 'False'],
  ])('%s', (template, wanted) => expect(shown(template)).toBe(wanted));
  test('an empty result', () => {
    expect(
      shown('{{ t | length }} {{ 1 if t else 0 }} {{ t.columns[0].values() }}', { columns: [{ name: 'a', type: 'integer', dataType: 'INTEGER' }], rows: [] }),
    ).toBe('0 0 ()');
    expect(render('{{ t | length }} {{ t.column_names }}', { t: emptyTable() })).toBe('0 ()');
  });
  test('values given as they are', () => {
    const rows: Value[][] = [[1, 'x']];
    expect(
      render('{{ t.rows[0] }}', {
        t: tableOf(
          [
            { name: 'a', kind: 'Integer' },
            { name: 'b', kind: 'Text' },
          ],
          rows,
        ),
      }),
    ).toBe("<agate.Row: (1, 'x')>");
  });
});

describe('new tables', () => {
  test.each([
    ['{{ t.select(["name"]).column_names }} {{ t.select("id").column_names }} {{ t.exclude(["name"]).column_names }}', "('name',) ('id',) ('id', 'amt')"],
    ['{{ t.rename({"id": "x"}).column_names }} {{ t.rename(["a", "b", "c"]).column_names }}', "('x', 'name', 'amt') ('a', 'b', 'c')"],
    ['{{ t.order_by("id").columns["id"].values() }} {{ t.order_by("id", reverse=true).columns["id"].values() }}', '(1, 2, 3) (3, 2, 1)'],
    ['{{ t.order_by("name").columns["name"].values() }}', "('a', 'b', None)"],
    ['{{ t.order_by(["name", "id"]).columns["id"].values() }}', '(2, 3, 1)'],
    ['{{ t.limit(2) | length }} {{ t.limit(1, 3).columns[0].values() }}', '2 (1, 2)'],
    ['{{ t.distinct("id") | length }} {{ t.distinct() | length }}', '3 3'],
    ['{% macro big(row) %}{{ row["id"] > 1 }}{% endmacro %}{{ t.where(big).columns["id"].values() }} {{ t.find(big)["id"] }}', '(3, 2) 3'],
  ])('%s', (template, wanted) => expect(shown(template)).toBe(wanted));
  test('group_by', () => {
    const groups = result({ k: ['text', 'a', 'b', 'a', null], v: ['integer', 1, 2, 3, 4] });
    expect(shown('{% for key, g in t.group_by("k").items() %}{{ key }}={{ g.columns["v"].values() }} {% endfor %}', groups)).toBe('a=(1, 3) b=(2,) None=(4,) ');
    expect(shown('{{ t.group_by("k") }}', groups)).toBe('| table | rows |\n| ----- | ---- |\n| a     | 2    |\n| b     | 1    |\n|       | 1    |\n');
  });
  test('a column that is not there', () => expect(() => shown('{{ t.select("zz") }}')).toThrow('KeyError'));
});

describe('printing', () => {
  // As agate prints: numbers on the right with the places of the longest, text on the left, nulls empty.
  test('print_table', () => {
    expect(shown('{% set _ = t.print_table() %}')).toBe(
      '| id | name | amt |\n| -- | ---- | --- |\n|  3 | b    | 1.5 |\n|  1 |      | 2.5 |\n|  2 | a    |     |',
    );
  });
  test('decimals are rounded to three places and grouped', () => {
    const numbers = result({ n: ['decimal', '1234567.1', '-0.00049', '2.5', null] });
    expect(shown('{% set _ = t.print_table() %}', numbers)).toBe(
      '|              n |\n| -------------- |\n| 1,234,567.100… |\n|        -0.000… |\n|         2.500… |\n|                |',
    );
  });
  test('long tables and texts are cut', () => {
    const wide = result(Object.fromEntries(['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((n) => [n, ['text', `${n} is a text of more than twenty`] as const])));
    const lines = shown('{% set _ = t.print_table(max_columns=2) %}', wide).split('\n');
    expect(lines[0]).toBe('| a                    | b                    | ... |');
    expect(lines[2]).toBe('| a is a text of mo... | b is a text of mo... | ... |');
    const long = result({ n: ['integer', ...Array.from({ length: 25 }, (_, i) => i)] });
    expect(shown('{% set _ = t.print_table() %}', long).split('\n')).toHaveLength(23);
    expect(shown('{% set _ = t.print_table(max_rows=none) %}', long).split('\n')).toHaveLength(27);
  });
  test('print_csv and print_json', () => {
    expect(shown('{% set _ = t.print_csv() %}', result({ a: ['text', 'x,y', 'q"'], b: ['decimal', '1.5', null] }))).toBe('a,b\n"x,y",1.5\n"q""",');
    expect(shown('{% set _ = t.print_json() %}')).toBe(
      '[{"id": 3, "name": "b", "amt": 1.5}, {"id": 1, "name": null, "amt": 2.50}, {"id": 2, "name": "a", "amt": null}]',
    );
  });
  test('files are not written from templates', () => expect(() => shown('{{ t.to_csv("x.csv") }}')).toThrow('templates cannot'));
});

test('ten thousand rows are read in no time', () => {
  const big = result({ a: ['integer', ...Array.from({ length: 10_000 }, (_, i) => i)] });
  expect(shown('{% set v = t.columns[0].values() %}{{ v | length }} {{ v[9999] }}', big)).toBe('10000 9999');
});
