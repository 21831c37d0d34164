import { describe, expect, test } from 'vitest';
import { columnValue } from '../../../src/context/column.ts';
import { duckdb, postgres } from '../../../src/sql/index.ts';
import { render } from './world.ts';

const column = (dataType: string) => columnValue(duckdb, { name: 'c', dataType });

describe('types', () => {
  test('of a catalogue are kept as they are', () =>
    expect(render('{{ c.dtype }} {{ c.data_type }}', { c: column('DECIMAL(18,3)') })).toBe('DECIMAL(18,3) DECIMAL(18,3)'));
  test('text without a size counts 256 characters', () =>
    expect(render('{{ c.data_type }} {{ c.string_size() }}', { c: column('VARCHAR') })).toBe('character varying(256) 256'));
  test('Postgres keeps bare text', () => {
    expect(
      render(
        "{{ Column('a', 'text').data_type }} {{ Column('a', 'character varying').data_type }} {{ Column('a', 'character varying', 9).data_type }}",
        {},
        postgres,
      ),
    ).toBe('text character varying character varying(9)');
    expect(render("{{ Column('a', 'integer') }}", {}, postgres)).toBe(
      "PostgresColumn(column='a', dtype='integer', char_size=None, numeric_precision=None, numeric_scale=None)",
    );
  });
  test.each([
    ['TINYINT', 'True True False'],
    ['HUGEINT', 'True True False'],
    ['DOUBLE', 'False True True'],
    ['DECIMAL', 'False True False'],
    ['DATE', 'False False False'],
  ])('%s', (type, wanted) => expect(render('{{ c.is_integer() }} {{ c.is_number() }} {{ c.is_float() }}', { c: column(type) })).toBe(wanted));
});

describe('structs', () => {
  const nested = column('STRUCT(a INTEGER, b STRUCT(c DECIMAL(10,2), "d e" VARCHAR), f VARCHAR[])');
  test('fields', () => expect(render('{{ c.fields | map(attribute="name") | list }} {{ c.is_struct() }}', { c: nested })).toBe("['a', 'b', 'f'] True"));
  test('flatten names the leaves with dots', () => {
    expect(render('{% for x in c.flatten() %}{{ x.name }}:{{ x.dtype }} {% endfor %}', { c: nested })).toBe(
      'c.a:INTEGER c.b.c:DECIMAL(10,2) c.b.d e:VARCHAR c.f:VARCHAR[] ',
    );
  });
  test('other columns are their own leaf', () => expect(render('{{ c.flatten() | length }} {{ c.flatten()[0] == c }}', { c: column('DATE') })).toBe('1 True'));
  test('a comma in a quoted name', () =>
    expect(render('{{ c.fields | map(attribute="name") | list }}', { c: column('STRUCT("a, b" INTEGER, c DATE)') })).toBe("['a, b', 'c']"));
});

test('arguments are checked', () => {
  expect(() => render("{{ Column('a') }}")).toThrow("missing 1 required positional argument: 'dtype'");
  expect(() => render("{{ Column('a', 'text').can_expand_to('b') }}")).toThrow('can_expand_to() needs a column');
});
