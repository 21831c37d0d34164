import { useMemo, useState } from 'preact/hooks';
import type { Row } from '../../../src/docs/data/types.ts';
import { useRows, useSite } from '../data.ts';
import { Arriving, Head, NodeLink, Nothing, Tags, useTitle } from '../parts/basics.tsx';
import { Mark } from '../parts/icon.tsx';
import { Table, type TableColumn } from '../parts/table.tsx';
import { adjust, type Route, to } from '../router.ts';
import { compare, count, duration, short } from '../text.ts';

/** Ways to part the nodes; each answers the names of the parts that a node belongs to. */
const WAYS: Readonly<Record<string, { readonly text: string; readonly of: (row: Row) => readonly string[] }>> = {
  folder: { text: 'Folder', of: (r) => [r.file.split('/').slice(0, -1).join('/') || '(root)'] },
  schema: { text: 'Schema', of: (r) => (r.schema === undefined ? [] : [r.schema]) },
  tag: { text: 'Tag', of: (r) => r.tags ?? [] },
  owner: { text: 'Owner', of: (r) => (r.owner === undefined ? [] : [r.owner]) },
  group: { text: 'Group', of: (r) => (r.group === undefined ? [] : [r.group]) },
  kind: { text: 'Kind', of: (r) => [r.materialized === undefined || r.type !== 'model' ? r.type : `${r.type}, ${r.materialized}`] },
};

const LISTED: readonly string[] = ['model', 'seed', 'snapshot', 'source', 'analysis', 'function'];

/** All nodes of the project, parted as the reader likes. */
export function Browse({ route }: { route: Route }) {
  const { nodes } = useSite();
  useTitle('Models', useSite().data.index.project.name);
  const way = route.query['by'] ?? 'folder';
  const ways = Object.entries(WAYS);
  return (
    <>
      <Head title="Models" />
      <nav class="choices" aria-label="Parted by">
        {ways.map(([name, { text }]) => (
          <a key={name} href={to('models', '', { by: name })} {...(name === way ? { 'aria-current': 'true' as const } : {})}>
            {text}
          </a>
        ))}
      </nav>
      <Arriving loaded={nodes}>{() => <Parts way={way} route={route} />}</Arriving>
    </>
  );
}

function Parts({ way, route }: { way: string; route: Route }) {
  const rows = useRows();
  const [wanted, want] = useState('');
  const of = (WAYS[way] ?? WAYS['folder'])?.of;
  const parts = useMemo(() => parted(rows, of ?? (() => [])), [rows, of]);
  // The same columns in all parts, so that they line up.
  const columns = useMemo(() => COLUMNS.filter(({ has }) => !has || rows.some(has)).map(({ has: _, ...column }) => column), [rows]);
  const part = route.query['in'];
  const only = part === undefined ? undefined : parts.find(([name]) => name === part);
  const letters = wanted.trim().toLowerCase();
  const shown = (only ? [only] : parts).map(([name, list]) => [name, list.filter((r) => r.name.toLowerCase().includes(letters))] as const);
  const total = shown.reduce((sum, [, list]) => sum + list.length, 0);
  if (parts.length === 0) return <Nothing>No node has a {WAYS[way]?.text.toLowerCase()}.</Nothing>;
  return (
    <>
      <div class="filter">
        <input type="search" placeholder="Filter by name" aria-label="Filter by name" value={wanted} onInput={(e) => want(e.currentTarget.value)} />
        {parts.length > 1 && (
          <select aria-label={WAYS[way]?.text ?? 'Part'} value={part ?? ''} onChange={(e) => adjust(route, { in: e.currentTarget.value })}>
            <option value="">All</option>
            {parts.map(([name, list]) => (
              <option key={name} value={name}>
                {`${name} (${list.length})`}
              </option>
            ))}
          </select>
        )}
        <span class="quiet" role="status">
          {count(total, 'node')}
        </span>
      </div>
      {shown
        .filter(([, list]) => list.length > 0)
        .map(([name, list]) => (
          <details key={name} class="part" open={parts.length < 25 || only !== undefined || letters !== ''}>
            <summary>
              <h2>{name}</h2> <span class="number">{list.length.toLocaleString('en')}</span>
            </summary>
            <Table label={name} columns={columns} rows={list} keyOf={(r) => r.id} />
          </details>
        ))}
    </>
  );
}

function parted(rows: readonly Row[], of: (row: Row) => readonly string[]): readonly (readonly [string, readonly Row[]])[] {
  const parts = new Map<string, Row[]>();
  for (const row of rows) {
    if (row.hidden || !LISTED.includes(row.type)) continue;
    for (const name of of(row)) {
      const part = parts.get(name);
      if (part) part.push(row);
      else parts.set(name, [row]);
    }
  }
  return [...parts].sort(([a], [b]) => compare(a, b)).map(([name, list]) => [name, list.sort((a, b) => compare(a.name, b.name))]);
}

/** Failed and warned tests weigh more than passed ones. */
function trouble(row: Row): number | undefined {
  return row.tests && -(row.tests[2] * 1e6 + row.tests[1] * 1e3 + row.tests[0]);
}

const COLUMNS: readonly TableColumn<Row>[] = [
  { name: 'Name', cell: (r) => <NodeLink id={r.id} about />, order: (r) => r.name },
  { name: 'Kind', cell: (r) => <span class="quiet">{r.materialized ?? r.type}</span>, order: (r) => r.materialized ?? r.type, wide: true, width: '112px' },
  { name: 'Tags', cell: (r) => <Tags tags={r.tags} />, has: (r) => (r.tags?.length ?? 0) > 0, wide: true, width: '16%' },
  { name: 'Tests', cell: (r) => <TestMarks row={r} />, order: trouble, has: (r) => r.tests !== undefined, width: '96px' },
  {
    name: 'Rows',
    cell: (r) => r.rows !== undefined && short(r.rows),
    order: (r) => r.rows,
    has: (r) => r.rows !== undefined,
    align: 'right',
    wide: true,
    width: '84px',
  },
  {
    name: 'Built in',
    cell: (r) => r.seconds !== undefined && duration(r.seconds),
    order: (r) => r.seconds,
    has: (r) => r.seconds !== undefined,
    align: 'right',
    wide: true,
    width: '92px',
  },
  {
    name: 'State',
    cell: (r) => r.status !== undefined && <Mark health={r.status} />,
    order: (r) => r.status,
    has: (r) => r.status !== undefined,
    width: '52px',
  },
];

/** Number of a row's tests by state, in one short text with marks. */
export function TestMarks({ row }: { row: Row }) {
  if (row.tests === undefined) return <span class="quiet">–</span>;
  const states = ['pass', 'warn', 'fail', 'skip', 'none'] as const;
  return (
    <span class="test-marks">
      {states.map((health, n) =>
        (row.tests?.[n] ?? 0) === 0 ? null : (
          <span key={health}>
            <Mark health={health} /> {row.tests?.[n]}
          </span>
        ),
      )}
    </span>
  );
}
