import type { ComponentType } from 'preact';
import type { GraphFile, Id } from '../../../src/docs/data/types.ts';
import { loadGraph, useLoaded, useSite } from '../data.ts';
import { Arriving } from '../parts/basics.tsx';
import type { NeighboursProps } from './neighbours.tsx';

interface Needed {
  readonly Neighbours: ComponentType<NeighboursProps>;
  readonly graph: GraphFile;
}

/** A node with its neighbours, as part of its page. The renderer is loaded after the page. */
export function MiniLineage({ id }: { id: Id }) {
  const { data, nodes } = useSite();
  const loaded = useLoaded<Needed>(data, 'neighbours', async () => {
    const [{ Neighbours }, graph] = await Promise.all([import('./neighbours.tsx'), loadGraph(data)]);
    return { Neighbours, graph };
  });
  return (
    <div class="graph-mini">
      <Arriving loaded={loaded}>
        {({ Neighbours, graph }) => <Arriving loaded={nodes}>{(value) => <Neighbours id={id} nodes={value} graph={graph} />}</Arriving>}
      </Arriving>
    </div>
  );
}
