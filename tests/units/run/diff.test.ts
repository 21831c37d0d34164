import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { rowDiff } from '../../../src/run/unit/diff.ts';
import type { Cell } from '../../../src/sql/index.ts';

describe('the difference between rows', () => {
  test('is none where they are the same in any order', () => {
    expect(
      rowDiff(
        ['a', 'b'],
        [
          [1, null],
          [2, 'x'],
          [1, null],
        ],
        [
          [2, 'x'],
          [1, null],
          [1, null],
        ],
      ),
    ).toBeUndefined();
    expect(rowDiff(['a'], [], [])).toBeUndefined();
    expect(rowDiff(['a'], [[Number.NaN]], [[Number.NaN]])).toBeUndefined();
  });
  test('marks rows that are missing, that nobody expected, and cells that differ', () => {
    const diff = rowDiff(
      ['id', 'name'],
      [
        [1, 'ann'],
        [2, 'bob'],
        [4, null],
      ],
      [
        [1, 'ann'],
        [2, 'rob'],
        [5, 'eve'],
        [6, true],
      ],
    );
    expect(diff).toBe('@@ ,id,name\n   ,1 ,ann\n→  ,2 ,bob→rob\n---,4 ,NULL\n+++,5 ,eve\n+++,6 ,True\n');
  });
  test('counts equal rows', () => {
    expect(
      rowDiff(
        ['a', 'b'],
        [[1, 1]],
        [
          [1, 1],
          [1, 1],
        ],
      ),
    ).toBe('@@ ,a,b\n   ,1,1\n+++,1,1\n');
  });
  test('tells a null from an empty text and from the word, and shows what nobody sees', () => {
    const diff = rowDiff(['id', 'a', 'b'], [[1, null, 'NULL']], [[1, '', null]]);
    expect(diff).toBe("@@,id,a      ,b\n→ ,1 ,NULL→'','NULL'→NULL\n");
    expect(rowDiff(['id', 'a'], [[1, 'x\ty ']], [[1, 'x\ny']])).toBe("@@,id,a\n→ ,1 ,'x\\ty '→x\\ny\n");
  });
  test('of wide rows shows the columns that differ, and of long texts where they part', () => {
    const columns = Array.from({ length: 40 }, (_, i) => `column_${i}`);
    const row = columns.map((_, i) => i);
    const diff = rowDiff(columns, [row], [row.map((v) => (v === 30 ? -30 : v))]);
    expect(diff).toBe('@@,column_0,column_30,(38 more without a difference)\n→ ,0       ,30→-30   ,\n');
    const long = 'lorem ipsum '.repeat(20);
    expect(rowDiff(['id', 't'], [[1, `${long}x`]], [[1, `${long}y`]])).toBe('@@,id,t\n→ ,1 ,…um lorem ipsum x→…um lorem ipsum y\n');
  });
  test('leaves out what is far from any difference', () => {
    const rows = Array.from({ length: 9 }, (_, i): Cell[] => [i, 0]);
    const diff = rowDiff(['n', 'x'], rows, [...rows.slice(0, 8), [8, 1]]);
    expect(diff).toBe('@@ ,n  ,x\n...,...,...\n   ,7  ,0\n→  ,8  ,0→1\n');
  });
  test('is there exactly where the rows differ as multisets', () => {
    const cell = fc.constantFrom<Cell>(0, 1, 'a', null);
    const rows = fc.array(fc.tuple(cell, cell), { maxLength: 5 });
    fc.assert(
      fc.property(rows, rows, (a, b) => {
        const bag = (list: readonly (readonly Cell[])[]): string => JSON.stringify(list.map((r) => JSON.stringify(r)).sort());
        expect(rowDiff(['x', 'y'], a, b) === undefined).toBe(bag(a) === bag(b));
      }),
    );
  });
});
