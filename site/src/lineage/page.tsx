import { useMemo, useRef, useState } from 'preact/hooks';
import type { BendsFile, GraphFile } from '../../../src/docs/data/types.ts';
import { neighbourhood, within } from '../../../src/docs/layout.ts';
import { type Data, type Loaded, loadGraph, type Nodes, useLoaded, useSite } from '../data.ts';
import { Arriving, useTitle } from '../parts/basics.tsx';
import { go, type Route, to } from '../router.ts';
import { count } from '../text.ts';
import { Canvas } from './canvas.tsx';
import { wayChain } from './chain.ts';
import { type ColumnEdge, columnScene, traceColumn } from './columns.ts';
import { List } from './list.tsx';
import { Legend, Panel } from './panel.tsx';
import { arranged, type Scene, whole } from './scene.ts';
import { pick } from './select.ts';
import { Tools } from './tools.tsx';
import type { View } from './view.ts';

/** Two steps up and down, unless the address says otherwise. */
const STEPS = 2;

/** `#/lineage`: the whole graph; `#/lineage/<id>`: what is around a node, or with `?column=` the way of one of its columns; `?select=`: what is selected. */
export function LineagePage({ route }: { route: Route }) {
  const { data, nodes } = useSite();
  const graph = useLoaded<GraphFile>(data, 'data/graph.json', () => loadGraph(data));
  useTitle('Lineage', data.index.project.name);
  return (
    <div class="lineage">
      <h1 class="unseen" tabIndex={-1}>
        Lineage
      </h1>
      <Arriving loaded={nodes}>{(all) => <Arriving loaded={graph}>{(drawn) => <Explorer route={route} nodes={all} graph={drawn} />}</Arriving>}</Arriving>
    </div>
  );
}

/** The node that was chosen in the drawing of an address, and whether its panel is open. */
interface Choice {
  readonly at: string;
  readonly chosen: string | undefined;
  readonly panel: boolean;
}

/** What is shown, or why nothing is. */
type Shown = { readonly scene: Scene } | { readonly problem: string };

function Explorer({ route, nodes, graph }: { route: Route; nodes: Nodes; graph: GraphFile }) {
  const { data } = useSite();
  const view = useRef<View>(null);
  const { query } = route;
  const bends = useLoaded<readonly BendsFile[]>(data, 'bends', () => data.all('bends'));
  const trace = useTrace(data, route);
  const [choice, choose] = useState<Choice>();
  // A choice ends with the place it was made in: each begins with the node that its address names.
  const { chosen, panel } = choice?.at === route.id ? choice : { chosen: route.id === '' ? undefined : route.id, panel: false };
  const colours = query['colour'] ?? 'folder';
  const shown = useMemo(
    () => shownOf(route, nodes, graph, bends, trace),
    [route.id, query['select'], query['exclude'], query['up'], query['down'], nodes, graph, bends.state, trace],
  );
  const scene = 'scene' in shown ? shown.scene : undefined;
  const focus = chosen === undefined ? undefined : scene?.numberOf.get(chosen);
  const row = focus === undefined ? undefined : scene?.boxes[focus]?.row;
  const mark = (way: readonly ColumnEdge[] | undefined) =>
    view.current?.mark(
      way &&
        scene &&
        row &&
        wayChain(
          scene,
          row.id,
          way.map(({ from, to: end }) => [from[0], end[0]] as const),
        ),
    );
  return (
    <>
      <Tools
        route={route}
        view={view}
        scene={scene}
        problem={'problem' in shown ? shown.problem : undefined}
        name={route.id === '' ? data.index.project.name : route.id}
      />
      <div class="lineage-body">
        {scene === undefined ? (
          <div class="graph" />
        ) : query['list'] === undefined ? (
          <Canvas
            scene={scene}
            colours={colours}
            focus={focus}
            wheel="zoom"
            view={view}
            label={`Lineage: ${count(scene.boxes.length, 'node')}, ${count(scene.edges.length, 'edge')}`}
            choose={(box, column) => {
              choose({ at: route.id, chosen: box?.row.id, panel: box !== undefined });
              if (box && column !== undefined) go(to('lineage', box.row.id, { ...query, column }));
            }}
          />
        ) : (
          <List scene={scene} />
        )}
        {scene && query['list'] === undefined && <Legend scene={scene} colours={colours} />}
        {panel && row && <Panel key={row.id} row={row} route={route} mark={mark} close={() => choose({ at: route.id, chosen, panel: false })} />}
      </div>
    </>
  );
}

function shownOf(route: Route, nodes: Nodes, graph: GraphFile, bends: Loaded<readonly BendsFile[]>, trace: readonly ColumnEdge[] | undefined): Shown {
  const { query, id } = route;
  if (id !== '' && query['column'] !== undefined && trace?.length === 0) return { problem: `Where ${query['column']} comes from and goes to is not known.` };
  if (id !== '' && query['column'] !== undefined && trace) return { scene: columnScene(nodes, [id, query['column']], trace) };
  const start = id === '' ? undefined : nodes.numberOf.get(id);
  if (id !== '' && start === undefined) return { problem: `The project has no ${id}.` };
  const picked = pick(query['select'] ?? '', query['exclude'] ?? '', { rows: nodes.rows, edges: graph.edges });
  if ('problem' in picked) return picked;
  const selected = query['select'] !== undefined || query['exclude'] !== undefined;
  if (start !== undefined && !selected) {
    const around = neighbourhood(nodes.rows.length, graph.edges, [start], stepsOf(query['up']), stepsOf(query['down']));
    return { scene: arranged(nodes, around.nodes, around.edges) };
  }
  const hidden = nodes.rows.some((r) => r.hidden);
  if (!selected && !hidden) return { scene: whole(nodes, graph, bends.state === 'ready' ? bends.value : []) };
  const kept = [...picked.nodes].filter((n) => selected || !nodes.rows[n]?.hidden).sort((a, b) => a - b);
  if (kept.length === 0) return { problem: 'Nothing is selected.' };
  const part = within(kept, graph.edges);
  return { scene: arranged(nodes, part.nodes, part.edges) };
}

function stepsOf(text: string | undefined): number {
  const steps = Number(text ?? STEPS);
  return Number.isNaN(steps) ? STEPS : steps < 0 ? Number.POSITIVE_INFINITY : steps;
}

/** The way of the column that the address names. */
function useTrace(data: Data, { id, query }: Route): readonly ColumnEdge[] | undefined {
  const column = query['column'] ?? '';
  const indirect = query['indirect'] !== undefined;
  const key = column === '' ? 'trace:' : `trace:${id}|${column}|${indirect}`;
  const loaded = useLoaded<readonly ColumnEdge[]>(data, key, () => (column === '' ? Promise.resolve([]) : traceColumn(data, id, column, indirect)));
  return column !== '' && loaded.state === 'ready' ? loaded.value : undefined;
}
