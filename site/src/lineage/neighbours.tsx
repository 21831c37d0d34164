import { useMemo } from 'preact/hooks';
import type { GraphFile, Id } from '../../../src/docs/data/types.ts';
import { neighbourhood } from '../../../src/docs/layout.ts';
import type { Nodes } from '../data.ts';
import { count } from '../text.ts';
import { Canvas } from './canvas.tsx';
import { arranged } from './scene.ts';

/** More boxes than this do not fit beside a text: then one step less is drawn. */
const MOST = 40;

/** What the drawing of a neighbourhood needs. */
export interface NeighboursProps {
  readonly id: Id;
  readonly nodes: Nodes;
  readonly graph: GraphFile;
}

/** A node with what it reads and what reads it: two steps, or one where two are many. */
export function Neighbours({ id, nodes, graph }: NeighboursProps) {
  const scene = useMemo(() => {
    const start = nodes.numberOf.get(id);
    if (start === undefined) return undefined;
    const around = (steps: number) => neighbourhood(nodes.rows.length, graph.edges, [start], steps, steps);
    const two = around(2);
    const { nodes: chosen, edges } = two.nodes.length > MOST ? around(1) : two;
    return arranged(nodes, chosen, edges);
  }, [id, nodes, graph]);
  if (scene === undefined || scene.boxes.length < 2) return <p class="quiet">Nothing around it.</p>;
  const focus = scene.numberOf.get(id);
  return <Canvas scene={scene} colours="folder" focus={focus} wheel="pinch" label={`Lineage: ${count(scene.boxes.length, 'node')}`} />;
}
