import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { inspectCsv } from '../../../src/plan/index.ts';
import type { CsvShape } from '../../../src/sql/index.ts';
import { renderDiagnostic } from '../../../src/text/index.ts';
import { diagnosed, Shop } from './kit.ts';

let open: Shop[] = [];
afterEach(async () => {
  for (const shop of open) await shop.close();
  open = [];
});
const shop = (): Shop => {
  const made = new Shop();
  open.push(made);
  return made;
};

interface Loaded {
  readonly columns: readonly (readonly [string, string])[];
  readonly rows: readonly (readonly (string | null)[])[];
}
interface Golden {
  readonly name: string;
  readonly csv: string;
  /** What dbt 1.11 with dbt-duckdb 1.11 makes of it, by COPY (its default) and with `fast: false`. */
  readonly fast: Loaded | 'error';
  readonly slow: Loaded | 'error';
}

const golden = JSON.parse(readFileSync(join(import.meta.dirname, '../../cases/materializations/seeds.json'), 'utf8')) as readonly Golden[];

// Where dml does not do what dbt does, and why. A code is the diagnostic it gives.
const otherwise: Readonly<Record<string, Loaded | string>> = {
  // dbt's COPY fails on what agate took for a number, a boolean or NULL: dml loads what agate meant.
  'null_words fast': {
    columns: [
      ['id', 'INTEGER'],
      ['n', 'INTEGER'],
      ['t', 'VARCHAR'],
    ],
    rows: [
      ['1', null, 'null'],
      [null, '2', 'NULL'],
      [null, '3', 'x'],
    ],
  },
  'space_bool fast': { columns: [['a', 'BOOLEAN']], rows: [['true'], ['false']] },
  'thousands fast': { columns: [['a', 'DOUBLE']], rows: [['1000.0'], ['2000.5']] },
  'percent fast': { columns: [['a', 'DOUBLE']], rows: [['5.0'], ['6.5']] },
  'money fast': { columns: [['a', 'DOUBLE']], rows: [['3.5'], ['-4.0']] },
  // Integers beyond 32 bits get a type that holds them.
  'big_integers fast': {
    columns: [
      ['a', 'INTEGER'],
      ['b', 'BIGINT'],
      ['c', 'HUGEINT'],
    ],
    rows: [
      ['2147483647', '2147483648', '9223372036854775808'],
      ['1', '2', '3'],
    ],
  },
  'nan_inf fast': {
    columns: [
      ['a', 'DOUBLE'],
      ['b', 'DOUBLE'],
    ],
    rows: [
      ['nan', 'inf'],
      ['1.5', '2.0'],
    ],
  },
  // dbt's slow way loads 1e3 as 1 and takes blank lines for rows of NULL.
  'exponents slow': {
    columns: [
      ['a', 'INTEGER'],
      ['b', 'DOUBLE'],
    ],
    rows: [
      ['1000', '0.001'],
      ['2', '3.0'],
    ],
  },
  'blank_lines slow': {
    columns: [
      ['a', 'INTEGER'],
      ['b', 'INTEGER'],
    ],
    rows: [
      ['1', '2'],
      ['3', '4'],
    ],
  },
  // Rare spellings of ISO 8601 that DuckDB does not read: an error with the line, as in dbt's default.
  'basic_iso slow': 'sql',
  'iso_hour slow': 'sql',
  'basic_iso fast': 'sql',
  'iso_hour fast': 'sql',
  'long_row fast': 'seed-ragged',
  'long_row slow': 'seed-ragged',
  'short_row fast': 'seed-ragged',
  'trailing_delimiter fast': 'seed-ragged',
  'trailing_delimiter slow': 'seed-ragged',
};
const sameAs: Readonly<Record<string, string>> = { 'big_integers slow': 'big_integers fast', 'nan_inf slow': 'nan_inf fast' };

describe('seeds hold what dbt loads', () => {
  // One database for all of them: each has a table of its own.
  const s = new Shop();
  afterAll(() => s.close());
  test.each(golden.flatMap((g) => (['fast', 'slow'] as const).map((mode) => [`${g.name} ${mode}`, g, mode] as const)))('%s', async (label, g, mode) => {
    const table = label.replace(' ', '_');
    const expected = otherwise[sameAs[label] ?? label] ?? g[mode];
    const build = s.build({ name: table, kind: 'seed', file: s.csv(table, g.csv), config: { fast: mode === 'fast' } });
    if (typeof expected === 'string') {
      const error = await build.then(
        () => 'loaded',
        (e: { diagnostic?: { code: string } }) => e.diagnostic?.code ?? 'sql',
      );
      expect(error).toBe(expected);
      return;
    }
    await build;
    const columns = await s.rows(`select column_name, data_type from duckdb_columns() where table_name = '${table}' order by column_index`);
    expect(columns).toEqual(expected.columns);
    expect(await s.rows(`select ${expected.columns.map(([n]) => `"${n}"::varchar`).join(', ')} from "${table}"`)).toEqual(expected.rows);
  });
});

describe('seeds', () => {
  test('column types, the delimiter and unquoted names', async () => {
    const s = shop();
    const file = s.csv('orders', 'id;Amount;note\n001;1.50;x\n002;null;\n');
    const outcome = await s
      .build({ kind: 'seed', file, config: { delimiter: ';', quote_columns: false, column_types: { id: 'varchar(10)', Amount: 'decimal(10,3)' } } })
      .catch((e: unknown) => e);
    // A column with a type of its own is the database's to read: the word null is no number.
    expect(String(outcome)).toContain('Conversion Error');
    const fine = s.csv('orders', 'id;Amount;note\n001;1.50;x\n002;;\n');
    expect(
      (
        await s.build({
          kind: 'seed',
          file: fine,
          config: { delimiter: ';', quote_columns: false, column_types: { id: 'varchar(10)', Amount: 'decimal(10,3)' } },
        })
      ).response,
    ).toEqual({ message: 'INSERT 2', code: 'INSERT', rows: 2 });
    expect(await s.rows('select * from orders')).toEqual([
      ['001', '1.500', 'x'],
      ['002', null, null],
    ]);
    expect(await s.rows("select data_type from duckdb_columns() where table_name = 'orders'")).toEqual([['VARCHAR'], ['DECIMAL(10,3)'], ['VARCHAR']]);
  });

  test('again: emptied and filled; with other columns it is refused; a full refresh makes it anew', async () => {
    const s = shop();
    await s.build({ kind: 'seed', file: s.csv('a', 'id,v\n1,a\n2,b\n') });
    expect((await s.build({ kind: 'seed', file: s.csv('a', 'V,id\nx,7\n') })).response).toEqual({ message: 'INSERT 1', code: 'INSERT', rows: 1 });
    expect(await s.rows('select id, v from orders')).toEqual([[7, 'x']]);
    const found = await diagnosed(s.build({ kind: 'seed', file: s.csv('a', 'id,w\n1,a\n') }));
    expect(found).toMatchObject({ code: 'seed-columns', message: expect.stringContaining('only in the file: w; only in the table: v') });
    expect(await s.rows('select id, v from orders')).toEqual([[7, 'x']]);
    await s.build({ kind: 'seed', file: s.csv('a', 'id,w\n1,a\n'), fullRefresh: true });
    expect(await s.rows('select * from orders')).toEqual([[1, 'a']]);
    expect((await s.build({ kind: 'seed', file: s.csv('a', 'id,w\n') })).response.rows).toBe(0);
    expect(await s.rows('select * from orders')).toEqual([]);
  });

  test('a row that cannot be loaded leaves the old rows', async () => {
    const s = shop();
    await s.build({ kind: 'seed', file: s.csv('a', 'id\n1\n') });
    await expect(s.build({ kind: 'seed', file: s.csv('a', 'id\nx\n') })).rejects.toThrow('Conversion Error');
    expect(await s.rows('select * from orders')).toEqual([[1]]);
  });

  test('a view in its place is not touched without a full refresh', async () => {
    const s = shop();
    await s.run('create view orders as select 1 as id');
    const file = s.csv('a', 'id\n5\n');
    expect((await diagnosed(s.build({ kind: 'seed', file }))).code).toBe('seed-not-table');
    await s.build({ kind: 'seed', file, fullRefresh: true });
    expect(await s.rows('select * from orders')).toEqual([[5]]);
  });

  test('what is wrong with the file is shown at its line', async () => {
    const s = shop();
    const ragged = await diagnosed(s.build({ kind: 'seed', file: s.csv('a', 'id,name\n1,"two\nlines"\n3,x,y\n4\n') }));
    expect(renderDiagnostic(ragged)).toBe(
      [
        'error[seed-ragged]: `orders`: this row has 3 fields, the header has 2',
        '  seeds/orders.csv:4:1',
        '  4 | 3,x,y',
        '    | ^^^^^',
        '  hint: a value that holds the delimiter or a line end must stand in double quotes',
      ].join('\n'),
    );
    const latin = await diagnosed(s.build({ kind: 'seed', file: s.csv('a', Buffer.from('id,name\n1,Ren\xe9\n', 'latin1')) }));
    expect([latin.code, latin.message, latin.at?.file.text.split('\n').length]).toEqual(['seed-not-utf8', '`orders`: byte 6 of this line is not UTF-8', 2]);
    expect((await diagnosed(s.build({ kind: 'seed', file: s.csv('a', '') }))).code).toBe('seed-empty');
    expect((await diagnosed(s.build({ kind: 'seed', file: join(s.directory, 'gone.csv') }))).code).toBe('seed-unreadable');
    expect(await diagnosed(s.build({ kind: 'seed', file: s.csv('a', 'id;name\n1;x\n') }))).toMatchObject({
      code: 'seed-delimiter',
      hint: expect.stringContaining('";"'),
    });
    expect(await s.relations()).toEqual([]);
  });

  test('a hundred thousand rows, with records longer than a read', async () => {
    const s = shop();
    const long = 'x'.repeat(3_000_000);
    const text = `id,v\n${Array.from({ length: 100_000 }, (_, i) => `${i},v${i}`).join('\n')}\n-1,"${long}\n${long}"\n`;
    await s.build({ kind: 'seed', file: s.csv('big', text) });
    expect(await s.rows('select count(*), min(id), max(length(v)) from orders')).toEqual([[100_001, -1, 6_000_001]]);
  });
});

describe('the CSV scanner', () => {
  const inspect = (s: Shop, text: string): Promise<CsvShape> => inspectCsv({ file: s.csv('x', text), delimiter: ',', texts: [] });

  test('sees the records that DuckDB reads', async () => {
    const s = shop();
    const cell = fc.array(fc.constantFrom('a', '1', ' ', '"', ',', '\n', 'é', '🦆', "'", '\r\n'), { maxLength: 6 }).map((p) => p.join(''));
    const quoted = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 8 }), async (rows) => {
        const text = `x,y\n${rows.map((r) => `${quoted(r[0])},${quoted(r[1])}\n`).join('')}`;
        const shape = await inspect(s, text);
        expect(shape).toMatchObject({ rows: rows.length });
        expect(shape.tooLong ?? shape.tooShort).toBeUndefined();
        const read = await s.rows(
          `select count(*) from read_csv('${join(s.directory, 'x.csv')}', auto_detect = false, header = true, delim = ',', quote = '"', escape = '"', columns = {'x': 'VARCHAR', 'y': 'VARCHAR'})`,
        );
        expect(read).toEqual([[rows.length]]);
      }),
      { numRuns: 60 },
    );
  });

  test('records that cross the border of a read are whole', async () => {
    const s = shop();
    const pad = 'p'.repeat((1 << 20) - 8);
    for (let shift = 0; shift < 12; shift++) {
      const shape = await inspect(s, `a,b\n${pad.slice(shift)},"é""\r\n🦆"\r\n1,2\r\n`);
      expect(shape).toMatchObject({ rows: 2, columns: [{ kind: 'text' }, { kind: 'text' }] });
    }
  });
});
