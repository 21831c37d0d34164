import type { TestPage, TestPagesFile, TestsFile } from '../../../src/docs/data/types.ts';
import { Code } from '../code/code.tsx';
import { useFile, useLoaded, useRows, useSite } from '../data.ts';
import { Markdown } from '../markdown.tsx';
import { Ago, Arriving, Facts, Head, HealthBar, HealthCounts, NodeLink, Nothing, nameOf, Section, Tags, useTitle } from '../parts/basics.tsx';
import { RunChart } from '../parts/chart.tsx';
import { HEALTH_WORDS, Mark, TypeIcon } from '../parts/icon.tsx';
import { RunTable } from '../parts/runs.tsx';
import { Table } from '../parts/table.tsx';
import { Tabs } from '../parts/tabs.tsx';
import { TestLine, title } from '../parts/tests.tsx';
import type { Route } from '../router.ts';
import { Definition } from './facts.tsx';
import { Gone } from './missing.tsx';

/** What fails now, since when; and what is tested at all. */
export function Tests() {
  useTitle('Tests', useSite().data.index.project.name);
  const loaded = useFile<TestsFile>('data/tests.json');
  return (
    <>
      <Head title="Tests" />
      <Arriving loaded={loaded}>{(file) => <Everything file={file} />}</Arriving>
    </>
  );
}

function Everything({ file }: { file: TestsFile }) {
  const bad = file.troubled.filter((t) => t.health !== 'skip');
  const skipped = file.troubled.filter((t) => t.health === 'skip');
  if (file.kinds.length === 0) return <Nothing>The project has no tests.</Nothing>;
  return (
    <>
      <div class="totals">
        <HealthBar healths={file.totals} />
        <HealthCounts healths={file.totals} />
      </div>
      {bad.length > 0 ? (
        <Section id="trouble" title="Not passing now">
          <ul class="test-lines">
            {bad.map((test) => (
              <TestLine key={test.id} test={test} withNode />
            ))}
          </ul>
        </Section>
      ) : (
        <p class="all-well">{file.totals.pass > 0 ? 'Every test that ran passes.' : 'No test has run yet.'}</p>
      )}
      {skipped.length > 0 && (
        <Section id="skipped" title="Skipped in the last run">
          <ul class="test-lines">
            {skipped.map((test) => (
              <TestLine key={test.id} test={test} withNode />
            ))}
          </ul>
        </Section>
      )}
      <Section id="kinds" title="By kind">
        <Table
          label="Tests by kind"
          rows={file.kinds}
          keyOf={(k) => k.kind}
          columns={[
            { name: 'Kind', cell: (k) => <span class="mono">{k.kind}</span>, order: (k) => k.kind },
            { name: 'Tests', cell: (k) => sum(k.totals).toLocaleString('en'), order: (k) => sum(k.totals), align: 'right' },
            { name: 'Results', cell: (k) => <HealthBar healths={k.totals} /> },
          ]}
        />
      </Section>
      <Untested />
    </>
  );
}

function sum(totals: TestsFile['totals']): number {
  return Object.values(totals).reduce((a, b) => a + b, 0);
}

/** What nobody checks. */
function Untested() {
  const root = useSite().data.index.project.name;
  const rows = useRows().filter((r) => r.tests === undefined && (r.type === 'model' || r.type === 'snapshot') && !r.hidden && r.package === root);
  if (rows.length === 0) return null;
  return (
    <Section id="untested" title="Without tests" aside={<span class="quiet">{rows.length.toLocaleString('en')}</span>}>
      <details class="part" open={rows.length <= 40}>
        <summary>Models and snapshots that no test is of</summary>
        <ul class="link-columns">
          {rows.slice(0, 400).map((r) => (
            <li key={r.id}>
              <NodeLink id={r.id} />
            </li>
          ))}
        </ul>
      </details>
    </Section>
  );
}

/** The page of a test. */
export function Test({ route }: { route: Route }) {
  const { data } = useSite();
  const { id } = route;
  useTitle(nameOf(id), data.index.project.name);
  const loaded = useLoaded<TestPagesFile>(data, `tests:${id}`, () => data.shard('tests', id));
  return <Arriving loaded={loaded}>{({ tests }) => (tests[id] ? <Article test={tests[id]} /> : <Gone id={id} />)}</Arriving>;
}

function Article({ test }: { test: TestPage }) {
  const { last } = test;
  return (
    <article>
      <Head
        above={
          <>
            <TypeIcon type="test" /> <span>test</span> <span class="mono">{test.kind}</span>
          </>
        }
        title={title(test)}
      >
        <p class="lead">
          <Mark health={test.health} word="" /> {HEALTH_WORDS[test.health]}
          {test.since !== undefined && (
            <>
              {' '}
              since <Ago at={test.since} />
            </>
          )}
          {test.node !== undefined && (
            <>
              {' on '}
              <NodeLink id={test.node} />
            </>
          )}
        </p>
        {test.description !== undefined && <Markdown text={test.description} />}
        <Tags tags={test.tags} />
      </Head>
      {last?.message !== undefined && test.health !== 'pass' && (
        <div class={`notice notice-${test.health}`}>
          <pre>{last.message}</pre>
        </div>
      )}
      {test.failing && (
        <Section id="failing" title="Rows that failed" aside={<span class="quiet">a sample of the last run</span>}>
          <Failing failing={test.failing} />
        </Section>
      )}
      <Section id="facts" title="Facts">
        <Facts
          facts={[
            ['Name', <span class="mono break">{test.name}</span>],
            ['Column', test.column !== undefined && <code>{test.column}</code>],
            ['Severity', test.severity],
            ['File', <span class="mono break">{test.file}</span>],
            ['Package', test.package],
          ]}
        />
      </Section>
      {test.arguments && (
        <Section id="arguments" title="Arguments">
          <Definition value={test.arguments} />
        </Section>
      )}
      <TestCode test={test} />
      {test.parents.length > 0 && (
        <Section id="reads" title="Reads">
          <ul class="link-columns">
            {test.parents.map((id) => (
              <li key={id}>
                <NodeLink id={id} />
              </li>
            ))}
          </ul>
        </Section>
      )}
      {test.runs.length > 0 && (
        <Section id="runs" title="Runs">
          {test.runs.length > 1 && <RunChart runs={test.runs} />}
          <RunTable runs={test.runs} />
        </Section>
      )}
      {test.config && (
        <Section id="config" title="Configuration">
          <Definition value={test.config} />
        </Section>
      )}
    </article>
  );
}

function TestCode({ test }: { test: TestPage }) {
  const { nodes } = useSite();
  const parents = nodes.state === 'ready' ? test.parents.concat(test.node ?? []).flatMap((id) => nodes.value.byId.get(id) ?? []) : [];
  const names = { parents, macros: [] };
  const tabs = [
    ...(test.compiled === undefined ? [] : [{ id: 'compiled', title: 'Compiled', body: <Code code={test.compiled} names={names} label="Compiled code" /> }]),
    ...(test.raw === undefined ? [] : [{ id: 'raw', title: 'Source', body: <Code code={test.raw} names={names} label="Source code" /> }]),
  ];
  if (tabs.length === 0) return null;
  return (
    <Section id="code" title="Code">
      <Tabs label="Code" tabs={tabs} />
    </Section>
  );
}

function Failing({ failing }: { failing: NonNullable<TestPage['failing']> }) {
  const rows = failing.rows.map((cells, n) => ({ cells, key: String(n) }));
  const columns = failing.columns.map((name, c) => ({
    name,
    cell: ({ cells }: (typeof rows)[number]) => {
      const value = cells[c];
      return value === null ? <span class="quiet">null</span> : <span class="mono">{typeof value === 'string' ? value : JSON.stringify(value)}</span>;
    },
  }));
  return <Table label="Rows that failed" columns={columns} rows={rows} keyOf={(r) => r.key} />;
}
