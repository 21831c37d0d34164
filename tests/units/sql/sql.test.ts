import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ansi, duckdb, injectCtes, postgres, relation, renamed, splitStatements, tokens, trimSemicolon } from '../../../src/sql/index.ts';

const kinds = (sql: string): string[] => [...tokens(sql)].map((t) => `${t.kind}:${sql.slice(t.start, t.end)}`);

describe('lexer', () => {
  test('tells strings, identifiers, comments and dollar quotes apart', () => {
    expect(kinds(`select 'it''s', "a""b", $$x;y$$, $t$;$$;$t$, e'\\'', 1.5e3 -- c;\n/* a /* b */ c */`).filter((k) => !k.startsWith('space'))).toEqual([
      'word:select',
      "string:'it''s'",
      'symbol:,',
      'quoted:"a""b"',
      'symbol:,',
      'string:$$x;y$$',
      'symbol:,',
      'string:$t$;$$;$t$',
      'symbol:,',
      "string:e'\\''",
      'symbol:,',
      'number:1.5e3',
      'comment:-- c;',
      'comment:/* a /* b */ c */',
    ]);
  });
  test('a backslash is an ordinary character outside E strings', () => {
    expect(kinds(`'\\' || 'x'`)[0]).toBe(`string:'\\'`);
  });
  test('parameters and identifiers with dollar signs are no dollar quotes', () => {
    expect(kinds('$1 + a$b$')).toEqual(['symbol:$', 'number:1', 'space: ', 'symbol:+', 'space: ', 'word:a$b$']);
  });
  test('tokens cover any text without gaps', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom("'", '"', '$', '$a$', '--', '/*', '*/', ';', '\n', ' ', 'x', 'é', '🦆', '1', 'E', '\\', '`')).map((p) => p.join('')),
        (sql) => {
          let at = 0;
          for (const t of tokens(sql)) {
            expect(t.start).toBe(at);
            expect(t.end).toBeGreaterThan(at);
            at = t.end;
          }
          expect(at).toBe(sql.length);
        },
      ),
    );
  });
});

describe('statements', () => {
  test('splits at semicolons that end statements, with offsets', () => {
    const sql = `select ';' ; -- a;\nselect 2;;\n  /* ; */ `;
    const found = splitStatements(sql);
    expect(found.map((s) => s.sql)).toEqual([`select ';' `, ' -- a;\nselect 2']);
    for (const s of found) expect(sql.slice(s.offset, s.offset + s.sql.length)).toBe(s.sql);
  });
  test('trims the semicolon that ends a query and keeps what follows', () => {
    expect(trimSemicolon('select 1 ;\n-- done\n')).toBe('select 1 \n-- done\n');
    expect(trimSemicolon("select ';'")).toBe("select ';'");
    expect(trimSemicolon('select 1;;')).toBe('select 1');
    expect(trimSemicolon('select 1; select 2')).toBe('select 1; select 2');
  });
});

describe('ephemeral models as CTEs', () => {
  const one = [{ name: '__dbt__cte__a', sql: 'select 1' }];
  test('in front of a query without a with list', () => {
    expect(injectCtes('\nselect * from x', one).sql).toBe('\nwith __dbt__cte__a as (\nselect 1\n) select * from x');
  });
  test('in front of the list of a query that has one', () => {
    expect(injectCtes('-- c\nwith b as (select 1) select 2', one).sql).toBe('-- c\nwith  __dbt__cte__a as (\nselect 1\n), b as (select 1) select 2');
  });
  test('behind the word recursive', () => {
    expect(injectCtes('WITH /* x */ RECURSIVE b as (select 1) select 2', one).sql).toBe(
      'WITH /* x */ RECURSIVE  __dbt__cte__a as (\nselect 1\n), b as (select 1) select 2',
    );
  });
  test('a with further inside is left alone, and several keep their order', () => {
    const { sql, at, shift } = injectCtes('select * from (with b as (select 1) select * from b)', [...one, { name: '__dbt__cte__b', sql: 'select 2' }]);
    expect(sql).toBe('with __dbt__cte__a as (\nselect 1\n),  __dbt__cte__b as (\nselect 2\n) select * from (with b as (select 1) select * from b)');
    expect(sql.slice(at + shift)).toBe('select * from (with b as (select 1) select * from b)');
  });
});

describe('dialects', () => {
  test('names print with all three parts, quoted', () => {
    const r = relation('db', 'my schema', 'a"b');
    for (const d of [ansi, duckdb, postgres]) expect(d.render(r)).toBe('"db"."my schema"."a""b"');
    expect(
      duckdb.render({ ...r, quote: { database: false, schema: true, identifier: false }, include: { database: true, schema: false, identifier: true } }),
    ).toBe('db.a"b');
    expect(duckdb.render(renamed({ ...r, database: null, schema: null }, 't'))).toBe('"t"');
  });
  test('literals', () => {
    expect([null, true, 1.5, 10n, "it's", Number.POSITIVE_INFINITY].map((v) => duckdb.literal(v))).toEqual([
      'null',
      'true',
      '1.5',
      '10',
      "'it''s'",
      "'infinity'::double",
    ]);
  });
  test('short type names of contracts', () => {
    expect([duckdb.typeOf('string'), duckdb.typeOf('integer')]).toEqual(['TEXT', 'integer']);
  });
});
