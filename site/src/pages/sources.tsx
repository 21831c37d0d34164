import type { SourcesFile } from '../../../src/docs/data/types.ts';
import { useFile, useSite } from '../data.ts';
import { Markdown } from '../markdown.tsx';
import { Ago, Arriving, Head, NodeLink, Nothing, useTitle } from '../parts/basics.tsx';
import { Mark } from '../parts/icon.tsx';
import { Table, type TableColumn } from '../parts/table.tsx';
import { duration } from '../text.ts';

/** Where the data come from, and how fresh they are. */
export function Sources() {
  useTitle('Sources', useSite().data.index.project.name);
  const loaded = useFile<SourcesFile>('data/sources.json');
  return (
    <>
      <Head title="Sources" />
      <Arriving loaded={loaded}>
        {({ sources }) =>
          sources.length === 0 ? (
            <Nothing>The project declares no sources.</Nothing>
          ) : (
            sources.map((source) => (
              <section key={`${source.package}.${source.name}`} class="section" aria-label={source.name}>
                <div class="section-head">
                  <h2>{source.name}</h2>
                  {source.loader !== undefined && <span class="quiet">loaded by {source.loader}</span>}
                </div>
                {source.description !== undefined && <Markdown text={source.description} />}
                <Table label={`Tables of ${source.name}`} columns={COLUMNS} rows={source.tables} keyOf={(t) => t.id} />
              </section>
            ))
          )
        }
      </Arriving>
    </>
  );
}

type SourceTable = SourcesFile['sources'][number]['tables'][number];

const WORDS = { pass: 'fresh', warn: 'late', fail: 'too old', skip: 'not checked', none: 'not checked yet' } as const;

const COLUMNS: readonly TableColumn<SourceTable>[] = [
  { name: 'Table', cell: (t) => <NodeLink id={t.id} about />, order: (t) => t.name },
  {
    name: 'Freshness',
    cell: (t) =>
      t.freshness === undefined ? (
        <span class="quiet">no limits</span>
      ) : (
        <span class="nowrap">
          <Mark health={t.freshness.health} word="" /> {WORDS[t.freshness.health]}
        </span>
      ),
    order: (t) => t.freshness?.health,
  },
  { name: 'Age', cell: (t) => t.freshness?.age !== undefined && duration(t.freshness.age), order: (t) => t.freshness?.age, align: 'right' },
  {
    name: 'Checked',
    cell: (t) => t.freshness?.checkedAt !== undefined && <Ago at={t.freshness.checkedAt} />,
    order: (t) => t.freshness?.checkedAt,
    wide: true,
  },
  { name: 'Limits', cell: (t) => <Limits table={t} />, wide: true },
];

function Limits({ table: { freshness } }: { table: SourceTable }) {
  const limits = [
    freshness?.warnAfter !== undefined && `warns after ${freshness.warnAfter}`,
    freshness?.errorAfter !== undefined && `fails after ${freshness.errorAfter}`,
  ];
  return <span class="quiet">{limits.filter((l) => l !== false).join(', ')}</span>;
}
