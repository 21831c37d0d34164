import { expect, test } from 'vitest';
import { clip, Live, pad, paint, pipeTable, smallTable, width } from '../../../src/report/index.ts';
import type { ResultTable } from '../../../src/sql/index.ts';
import { diagnostic } from '../../../src/text/index.ts';
import { result, sample, start } from './sample.ts';

/** What a terminal shows after writing text: follows the few sequences that the display uses, and wraps long lines. */
class Screen {
  readonly rows: string[] = [''];
  private row = 0;
  private column = 0;
  private readonly columns: number;
  cursor = true;

  constructor(columns: number) {
    this.columns = columns;
  }

  write(text: string): void {
    for (let i = 0; i < text.length; ) {
      const sequence = /^\u001b\[(\??)(\d*)([A-Za-z])/.exec(text.slice(i));
      if (sequence) {
        this.control(sequence[1] === '?', Number(sequence[2] || '1'), sequence[3] ?? '');
        i += sequence[0].length;
        continue;
      }
      const c = text.charAt(i++);
      if (c === '\n') this.newline();
      else if (c === '\r') this.column = 0;
      else {
        if (this.column === this.columns) this.newline();
        const line = (this.rows[this.row] ?? '').padEnd(this.column);
        this.rows[this.row] = line.slice(0, this.column) + c + line.slice(this.column + 1);
        this.column++;
      }
    }
  }

  private control(mode: boolean, n: number, kind: string): void {
    if (mode && n === 25) this.cursor = kind === 'h';
    else if (kind === 'A') this.row = Math.max(0, this.row - n);
    else if (kind === 'K') this.rows[this.row] = (this.rows[this.row] ?? '').slice(0, this.column);
    else if (kind === 'J') {
      this.rows[this.row] = (this.rows[this.row] ?? '').slice(0, this.column);
      this.rows.length = this.row + 1;
    }
  }

  private newline(): void {
    this.row++;
    this.column = 0;
    if (this.rows.length <= this.row) this.rows.push('');
  }

  get text(): string {
    return this.rows
      .map((r) => r.trimEnd())
      .join('\n')
      .trimEnd();
  }
}

const manifest = sample();
const TEST = 'test.shop.unique_a_id.f6a5f640da';

function live(columns: number, rows = 24): { readonly screen: Screen; readonly display: Live } {
  return { screen: new Screen(columns), display: new Live({ manifest, paint: paint(false), size: () => ({ columns, rows }), print: true }) };
}

test('running nodes and the progress stand below what has ended, and nothing is left of them in the end', () => {
  const { screen, display } = live(70);
  screen.write(display.event({ kind: 'run-started', time: 0, counts: {}, threads: 2, target: 'dev' }));
  const a = start('model.shop.a', 'sql view model main.a', 1, 2);
  const t = start(TEST, 'test unique_a_id', 2, 2);
  screen.write(display.event({ kind: 'node-started', time: 0, node: a }));
  screen.write(display.tick(1500));
  expect(screen.cursor).toBe(false);
  expect(screen.text).toBe(['⠙ view         main.a                                           1.50s', '▱▱▱▱▱▱▱▱▱▱▱▱▱▱▱▱ 0/2  1.50s'].join('\n'));
  screen.write(display.event({ kind: 'node-finished', time: 2000, node: a, result: result('model.shop.a', 'success', { rows: 1234, execution_time: 2 }) }));
  screen.write(display.event({ kind: 'node-started', time: 2000, node: t }));
  screen.write(display.event({ kind: 'print', message: 'two\nlines' }));
  screen.write(display.tick(2100));
  expect(screen.text).toBe(
    [
      '✓ view         main.a                              1,234 rows   2.00s',
      'two',
      'lines',
      '⠹ test         unique_a_id                                      0.10s',
      '▰▰▰▰▰▰▰▰▱▱▱▱▱▱▱▱ 1/2  2.10s',
    ].join('\n'),
  );
  const failed = result(TEST, 'fail', {
    failures: 7,
    message: 'Got 7 results, configured to fail if != 0',
    sample: {
      columns: [
        { name: 'id', type: 'integer', dataType: 'INTEGER' },
        { name: 'name', type: 'text', dataType: 'VARCHAR' },
      ],
      rows: [
        [1, 'ann'],
        [22, null],
      ],
    },
    compiledPath: 'target/compiled/shop/models/schema.yml/unique_a_id.sql',
  });
  const skipped = result('model.shop.b', 'skipped', { skippedFor: TEST });
  screen.write(display.event({ kind: 'node-finished', time: 3000, node: t, result: failed }));
  screen.write(
    display.event({
      kind: 'run-finished',
      time: 3000,
      report: { results: [result('model.shop.a', 'success'), failed, skipped], elapsed: 3, interrupted: false },
    }),
  );
  screen.write(display.tick(3100));
  screen.write(display.close());
  expect(screen.cursor).toBe(true);
  expect(screen.text).toBe(`✓ view         main.a                              1,234 rows   2.00s
two
lines
✗ test         unique_a_id                     7 failing rows   0.10s

✗ failed  test unique_a_id  models/schema.yml:2:5
  Got 7 results, configured to fail if != 0

    id  name
     1  ann
    22  NULL
    ... and 5 more
  compiled: target/compiled/shop/models/schema.yml/unique_a_id.sql

○ skipped because of unique_a_id: b

✗ 1 failed, 1 skipped, 1 passed of 3 in 3.00s`);
});

test('a narrower window leaves no remains of the wider one', () => {
  let columns = 60;
  const screen = new Screen(60);
  const display = new Live({ manifest, paint: paint(false), size: () => ({ columns, rows: 24 }), print: true });
  display.event({ kind: 'run-started', time: 0, counts: {}, threads: 2, target: 'dev' });
  display.event({ kind: 'node-started', time: 0, node: start('model.shop.a', 'sql view model main.a') });
  screen.write(display.tick(0));
  columns = 30;
  const text = display.tick(100);
  // Two rows had been drawn: the node's, 59 wide, takes two rows now.
  expect(text).toContain('\u001b[3A');
});

test('a microbatch model shows which of its batches is at work', () => {
  const { screen, display } = live(70, 6);
  const node = start('model.shop.a', 'sql microbatch model main.a');
  display.event({ kind: 'run-started', time: 0, counts: {}, threads: 1, target: 'dev' });
  display.event({ kind: 'node-started', time: 0, node });
  display.event({ kind: 'batch-started', time: 0, node, batch: { name: '2024-01-02', index: 2, total: 30 } });
  screen.write(display.tick(0));
  expect(screen.text).toContain('batch 2/30  0.00s');
});

test('more running nodes than rows are counted', () => {
  const { screen, display } = live(70, 6);
  display.event({ kind: 'run-started', time: 0, counts: {}, threads: 8, target: 'dev' });
  for (let i = 0; i < 8; i++) display.event({ kind: 'node-started', time: 0, node: { ...start('model.shop.a', 'x'), unique_id: `model.shop.n${i}` } });
  screen.write(display.tick(0));
  expect(screen.text.split('\n')).toHaveLength(4);
  expect(screen.text).toContain('and 6 more');
});

test('a failed node shows its diagnostic instead of the bare message', () => {
  const { screen, display } = live(80);
  const d = diagnostic('bad-argument', { problem: 'no such column' });
  const failed = result('model.shop.a', 'error', { message: 'Runtime Error', diagnostic: d });
  screen.write(display.event({ kind: 'run-finished', time: 0, report: { results: [failed], elapsed: 1, interrupted: true } }));
  expect(screen.text).toContain('error[bad-argument]: no such column');
  expect(screen.text).not.toContain('Runtime Error');
  expect(screen.text).toContain('interrupted: 1 failed, 0 passed of 1 in 1.00s');
});

const table: ResultTable = {
  columns: [
    { name: 'id', type: 'integer', dataType: 'INTEGER' },
    { name: '名前', type: 'text', dataType: 'VARCHAR' },
  ],
  rows: [
    [1, '東京'],
    [1000, 'a|b'],
    [null, null],
  ],
};

test('tables line up whatever the width of their characters', () => {
  expect(pipeTable(table)).toBe('| id   | 名前 |\n| ---- | ---- |\n|    1 | 東京 |\n| 1000 | a\\|b |\n|      |      |\n');
  expect(smallTable(table, 80, paint(false))).toBe('  id  名前\n   1  東京\n1000  a|b\nNULL  NULL');
});

test('columns that do not clip are named', () => {
  const wide: ResultTable = {
    columns: ['aaaaaaaa', 'bbbbbbbb', 'cccccccc'].map((name) => ({ name, type: 'text' as const, dataType: 'VARCHAR' })),
    rows: [['1', '2', '3']],
  };
  expect(smallTable(wide, 20, paint(false))).toBe('aaaaaaaa  bbbbbbbb\n1         2\n... and 1 more columns: cccccccc');
});

test('width, clip and pad count columns', () => {
  expect([width('abc'), width('東京'), width('é'), width('e\u0301'), width('👍'), width('\u001b[31mx\u001b[0m')]).toEqual([3, 4, 1, 1, 2, 1]);
  expect(clip('abcdef', 4)).toBe('abc…');
  expect(clip('東京都', 5)).toBe('東京…');
  expect(pad('東', 4)).toBe('東  ');
});
