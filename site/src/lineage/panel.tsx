import { useMemo, useRef } from 'preact/hooks';
import type { ColumnsFile, NodesFile, Row } from '../../../src/docs/data/types.ts';
import { useLoaded, useRows, useSite } from '../data.ts';
import { Facts, Tags } from '../parts/basics.tsx';
import { Icon, Mark, TypeIcon } from '../parts/icon.tsx';
import { type Route, to } from '../router.ts';
import { duration, short } from '../text.ts';
import { colouring } from './colour.ts';
import { type ColumnEdge, traceColumn } from './columns.ts';
import type { Scene } from './scene.ts';

/** What the colours mean. */
export function Legend({ scene, colours }: { scene: Scene; colours: string }) {
  const rows = useRows();
  const { of, legend } = useMemo(() => colouring(colours, rows), [colours, rows]);
  const there = new Set(scene.boxes.map((b) => of(b.row)));
  return (
    <ul class="legend" aria-label="Colours">
      {legend
        .filter((entry) => there.has(entry.colour))
        .map((entry) => (
          <li key={entry.colour}>
            <span class="swatch" style={{ background: `var(--${entry.colour})` }} /> {entry.text}
          </li>
        ))}
    </ul>
  );
}

interface Props {
  readonly row: Row;
  readonly route: Route;
  /** Lets the way of a column stand out in the drawing; undefined: no more. */
  readonly mark: (way: readonly ColumnEdge[] | undefined) => void;
  readonly close: () => void;
}

/** What is known of the chosen node, beside the drawing. */
export function Panel({ row, route, mark, close }: Props) {
  return (
    <aside class="panel" aria-label="Chosen node">
      <button type="button" class="plain panel-close" aria-label="Close" onClick={close}>
        <Icon name="close" />
      </button>
      <h2>
        <TypeIcon type={row.type} /> {row.name}
      </h2>
      {row.about !== undefined && <p>{row.about}</p>}
      <p class="panel-links">
        <a class="button button-main" href={to('node', row.id)}>
          Open
        </a>
        {route.id !== row.id && (
          <a class="button" href={to('lineage', row.id, { colour: route.query['colour'] })}>
            Centre
          </a>
        )}
      </p>
      <Facts
        facts={[
          ['Kind', row.materialized ?? row.type],
          ['Schema', row.schema],
          ['Folder', row.file.split('/').slice(0, -1).join('/')],
          ['Owner', row.owner],
          ['State', row.status !== undefined && <Mark health={row.status} />],
          ['Took', row.seconds !== undefined && duration(row.seconds)],
          ['Rows', row.rows !== undefined && short(row.rows)],
          ['Tests', row.tests && `${row.tests[0]} of ${row.tests.reduce((a, b) => a + b, 0)} pass`],
        ]}
      />
      <Tags tags={row.tags} />
      <PanelColumns row={row} route={route} mark={mark} />
    </aside>
  );
}

/** The node's columns; those whose way is known show it while they are pointed at, and lead to it. */
function PanelColumns({ row, route, mark }: Pick<Props, 'row' | 'route' | 'mark'>) {
  const { data } = useSite();
  const page = useLoaded<NodesFile>(data, `nodes:${row.id}`, () => data.shard('nodes', row.id));
  const traced = data.index.shards.columns > 0;
  const edges = useLoaded<ColumnsFile>(data, `columns:${row.id}`, () => (traced ? data.shard('columns', row.id) : Promise.resolve({ nodes: {} })));
  const columns = page.state === 'ready' ? (page.value.nodes[row.id]?.columns ?? []) : [];
  const known = edges.state === 'ready' ? edges.value.nodes[row.id] : undefined;
  if (columns.length === 0) return null;
  const pointedAt = useRef<string | undefined>(undefined);
  const show = async (column: string) => {
    pointedAt.current = column;
    const way = await traceColumn(data, row.id, column, false);
    if (pointedAt.current === column) mark(way);
  };
  const leave = () => {
    pointedAt.current = undefined;
    mark(undefined);
  };
  return (
    <>
      <h3>Columns</h3>
      <ul class="panel-columns">
        {columns.map((c) =>
          known?.[c.name] === undefined ? (
            <li key={c.name} class="mono">
              {c.name}
            </li>
          ) : (
            <li key={c.name} class="mono">
              <a
                href={to('lineage', row.id, { colour: route.query['colour'], column: c.name })}
                onPointerEnter={() => show(c.name)}
                onPointerLeave={leave}
                onFocus={() => show(c.name)}
                onBlur={leave}
              >
                {c.name}
              </a>
            </li>
          ),
        )}
      </ul>
    </>
  );
}
