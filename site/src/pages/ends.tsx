import type { Row } from '../../../src/docs/data/types.ts';
import { useRows, useSite } from '../data.ts';
import { Arriving, Head, NodeLink, Nothing, Tags, useTitle } from '../parts/basics.tsx';
import { Table, type TableColumn } from '../parts/table.tsx';

const COLUMNS: readonly TableColumn<Row>[] = [
  { name: 'Name', cell: (r) => <NodeLink id={r.id} about />, order: (r) => r.name },
  { name: 'Owner', cell: (r) => r.owner, order: (r) => r.owner, has: (r) => r.owner !== undefined },
  { name: 'Kind', cell: (r) => <span class="quiet">{r.type.replace('_', ' ')}</span>, order: (r) => r.type, has: (r) => r.type !== 'exposure', wide: true },
  { name: 'Tags', cell: (r) => <Tags tags={r.tags} />, has: (r) => (r.tags?.length ?? 0) > 0, wide: true },
];

/** What uses the data outside of the project. */
export function Exposures() {
  return <Ends title="Exposures" types={['exposure']} />;
}

/** What is measured: metrics, with the semantic models and saved queries around them. */
export function Metrics() {
  return <Ends title="Metrics" types={['metric', 'semantic_model', 'saved_query']} />;
}

function Ends({ title, types }: { title: string; types: readonly Row['type'][] }) {
  const { data, nodes } = useSite();
  useTitle(title, data.index.project.name);
  const rows = useRows().filter((r) => types.includes(r.type) && !r.hidden);
  return (
    <>
      <Head title={title} />
      <Arriving loaded={nodes}>
        {() => (rows.length === 0 ? <Nothing>The project has none.</Nothing> : <Table label={title} columns={COLUMNS} rows={rows} keyOf={(r) => r.id} />)}
      </Arriving>
    </>
  );
}
