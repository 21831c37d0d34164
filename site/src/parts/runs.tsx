import type { RunEntry } from '../../../src/docs/data/types.ts';
import { duration } from '../text.ts';
import { Ago } from './basics.tsx';
import { Mark } from './icon.tsx';
import { Table, type TableColumn } from './table.tsx';

const COLUMNS: readonly TableColumn<RunEntry>[] = [
  {
    name: 'State',
    cell: (r) => (
      <span class="nowrap">
        <Mark health={r.health} word="" /> {r.status}
      </span>
    ),
  },
  { name: 'When', cell: (r) => <Ago at={r.at} /> },
  { name: 'Took', cell: (r) => duration(r.seconds), align: 'right' },
  { name: 'Rows', cell: (r) => r.rows?.toLocaleString('en'), has: (r) => r.rows !== undefined, align: 'right' },
  { name: 'Failures', cell: (r) => r.failures?.toLocaleString('en'), has: (r) => r.failures !== undefined, align: 'right' },
  { name: 'Message', cell: (r) => <span class="quiet">{r.message}</span>, has: (r) => r.message !== undefined, wide: true },
];

/** Past results, newest first. */
export function RunTable({ runs }: { runs: readonly RunEntry[] }) {
  return <Table label="Runs" columns={COLUMNS} rows={runs} keyOf={(r) => r.invocation} />;
}
