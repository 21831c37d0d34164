import { useMemo, useState } from 'preact/hooks';
import type { BarsFile, Id, Invocation, TimelineFile } from '../../../src/docs/data/types.ts';
import { useFile, useLoaded, useSite } from '../data.ts';
import { Ago, Arriving, Head, HealthBar, HealthCounts, NodeLink, Nothing, nameOf, Section, useTitle, worst } from '../parts/basics.tsx';
import { Mark } from '../parts/icon.tsx';
import { Table, type TableColumn } from '../parts/table.tsx';
import { duration, moment } from '../text.ts';
import { type Bar, barsOf } from '../timeline/bar.ts';
import { Gantt } from '../timeline/gantt.tsx';

/** The last build as a timeline with its critical path, and the runs before it. */
export function Runs() {
  const { data } = useSite();
  useTitle('Runs', data.index.project.name);
  const loaded = useFile<TimelineFile>('data/timeline.json');
  return (
    <>
      <Head title="Runs" />
      <Arriving loaded={loaded}>
        {(file) => (file.invocation ? <Last file={file} run={file.invocation} /> : <Nothing>Nothing was built yet.</Nothing>)}
      </Arriving>
      {data.index.runs.length > 0 && (
        <Section id="history" title="History">
          <Table label="Runs" columns={COLUMNS} rows={data.index.runs} keyOf={(r) => r.id} />
        </Section>
      )}
    </>
  );
}

const COLUMNS: readonly TableColumn<Invocation>[] = [
  { name: 'State', cell: (r) => <Mark health={worst({ ...r.results, none: 0, skip: 0 })} />, order: (r) => worst({ ...r.results, none: 0 }) },
  { name: 'Command', cell: (r) => <span class="mono">{r.command}</span>, order: (r) => r.command },
  { name: 'Started', cell: (r) => <Ago at={r.startedAt} />, order: (r) => r.startedAt },
  { name: 'Took', cell: (r) => duration(r.seconds), order: (r) => r.seconds, align: 'right' },
  { name: 'Results', cell: (r) => <HealthBar healths={r.results} /> },
];

function Last({ file, run }: { file: TimelineFile; run: Invocation }) {
  const { data } = useSite();
  const bars = useLoaded<readonly Bar[]>(data, 'bars', async () => (await data.all<BarsFile>('timeline')).flatMap(barsOf));
  const critical = useMemo(() => new Set(file.critical), [file]);
  const [chosen, choose] = useState<Bar>();
  const share = run.seconds > 0 ? Math.round((file.criticalSeconds / run.seconds) * 100) : 0;
  return (
    <>
      <p class="lead">
        <span class="mono">{run.command}</span> took {duration(run.seconds)}, {moment(run.startedAt)} (<Ago at={run.startedAt} />
        ).
      </p>
      <HealthCounts healths={run.results} />
      <Section id="timeline" title="Timeline" aside={<span class="quiet">up to {file.lanes} at once</span>}>
        <Arriving loaded={bars}>{(all) => <Gantt bars={all} lanes={file.lanes} critical={critical} choose={choose} />}</Arriving>
        <p class="chosen" role="status">
          {chosen ? (
            <>
              <Mark health={chosen.health} /> <NodeLink id={chosen.id} /> took {duration(chosen.seconds)}, {duration(chosen.start)} after the start
              {critical.has(chosen.id) && ', on the critical path'}
            </>
          ) : (
            <span class="quiet">Point at a bar, or move through them with the arrow keys; Enter opens the page.</span>
          )}
        </p>
      </Section>
      {file.critical.length > 0 && (
        <Section
          id="critical"
          title="Critical path"
          aside={
            <span class="quiet">
              {duration(file.criticalSeconds)}, {share} % of the run
            </span>
          }
        >
          <Arriving loaded={bars}>{(all) => <Critical ids={file.critical} bars={all} />}</Arriving>
        </Section>
      )}
      <Section id="slowest" title="Slowest">
        <Arriving loaded={bars}>{(all) => <Table label="Slowest" columns={BAR_COLUMNS} rows={slowest(all)} keyOf={(b) => b.id} />}</Arriving>
      </Section>
    </>
  );
}

const BAR_COLUMNS: readonly TableColumn<Bar>[] = [
  { name: 'Name', cell: (b) => <NodeLink id={b.id} />, order: (b) => nameOf(b.id) },
  { name: 'State', cell: (b) => <Mark health={b.health} />, order: (b) => b.health },
  { name: 'Started', cell: (b) => duration(b.start), order: (b) => b.start, align: 'right', wide: true },
  { name: 'Took', cell: (b) => duration(b.seconds), order: (b) => b.seconds, align: 'right' },
];

function slowest(bars: readonly Bar[]): readonly Bar[] {
  return [...bars].sort((a, b) => b.seconds - a.seconds).slice(0, 20);
}

/** The nodes that decided how long the run took, one waiting for the other. */
function Critical({ ids, bars }: { ids: readonly Id[]; bars: readonly Bar[] }) {
  const of = new Map(bars.map((b) => [b.id, b]));
  const most = Math.max(...ids.map((id) => of.get(id)?.seconds ?? 0), 0.001);
  return (
    <ol class="critical">
      {ids.map((id) => {
        const seconds = of.get(id)?.seconds ?? 0;
        return (
          <li key={id}>
            <NodeLink id={id} />
            <span class="meter-line" aria-hidden="true">
              <span style={{ width: `${(seconds / most) * 100}%` }} />
            </span>
            <span class="figure" title={nameOf(id)}>
              {duration(seconds)}
            </span>
          </li>
        );
      })}
    </ol>
  );
}
