import { useMemo } from 'preact/hooks';
import { eachLink, type Links } from '../../../src/docs/layout.ts';
import { NodeLink } from '../parts/basics.tsx';
import { Mark } from '../parts/icon.tsx';
import { Table, type TableColumn } from '../parts/table.tsx';
import type { Box, Scene } from './scene.ts';

/** The graph in words: every node with what it reads and what reads it. */
export function List({ scene }: { scene: Scene }) {
  const columns = useMemo(() => columnsOf(scene), [scene]);
  return (
    <div class="lineage-list">
      <Table label="Lineage" columns={columns} rows={scene.boxes} keyOf={(b) => b.row.id} />
    </div>
  );
}

function columnsOf(scene: Scene): readonly TableColumn<Box>[] {
  const number = (links: Links, box: Box) => {
    const n = scene.numberOf.get(box.row.id) ?? 0;
    return (links.start[n + 1] ?? 0) - (links.start[n] ?? 0);
  };
  return [
    { name: 'Name', cell: (b) => <NodeLink id={b.row.id} />, order: (b) => b.row.name },
    { name: 'State', cell: (b) => b.row.status !== undefined && <Mark health={b.row.status} />, order: (b) => b.row.status },
    { name: 'Reads', cell: (b) => <Ends scene={scene} links={scene.up} box={b} />, order: (b) => number(scene.up, b) },
    { name: 'Read by', cell: (b) => <Ends scene={scene} links={scene.down} box={b} />, order: (b) => number(scene.down, b) },
  ];
}

/** Neighbours that are named; the others are counted. */
const NAMED = 8;

function Ends({ scene, links, box }: { scene: Scene; links: Links; box: Box }) {
  const ends: number[] = [];
  eachLink(links, scene.numberOf.get(box.row.id) ?? 0, (n) => ends.push(n));
  const named = [...new Set(ends)].flatMap((n) => scene.boxes[n] ?? []);
  return (
    <ul class="plain-list">
      {named.slice(0, NAMED).map((b) => (
        <li key={b.row.id}>
          <NodeLink id={b.row.id} />
        </li>
      ))}
      {named.length > NAMED && <li class="quiet">and {named.length - NAMED} more</li>}
    </ul>
  );
}
