import type { ComponentChildren } from 'preact';
import { useMemo } from 'preact/hooks';
import type { Health, Id, NodePage, NodesFile, Row } from '../../../src/docs/data/types.ts';
import { Code } from '../code/code.tsx';
import type { Names } from '../code/links.ts';
import { useLoaded, useSite } from '../data.ts';
import { MiniLineage } from '../lineage/mini.tsx';
import { Markdown } from '../markdown.tsx';
import { Arriving, Head, NodeLink, nameOf, Section, Tags, useTitle } from '../parts/basics.tsx';
import { RunChart } from '../parts/chart.tsx';
import { Mark, TypeIcon } from '../parts/icon.tsx';
import { RunTable } from '../parts/runs.tsx';
import { Tabs } from '../parts/tabs.tsx';
import { TestLine } from '../parts/tests.tsx';
import { adjust, type Route, to } from '../router.ts';
import { duration, short } from '../text.ts';
import { Columns, ConstraintLine } from './columns.tsx';
import { Definition, ExposureFacts, FreshnessFacts, NodeFacts } from './facts.tsx';
import { Gone } from './missing.tsx';

/** The page of a node. */
export function NodePageView({ route }: { route: Route }) {
  const { data, nodes } = useSite();
  const { id } = route;
  const file = useLoaded<NodesFile>(data, `nodes:${id}`, () => data.shard('nodes', id));
  const row = nodes.state === 'ready' ? nodes.value.byId.get(id) : undefined;
  useTitle(row?.name ?? nameOf(id), data.index.project.name);
  return (
    <Arriving loaded={file}>
      {(value) => {
        const page = value.nodes[id];
        return page === undefined ? <Gone id={id} /> : <Article page={page} row={row} route={route} />;
      }}
    </Arriving>
  );
}

function Article({ page, row, route }: { page: NodePage; row: Row | undefined; route: Route }) {
  const names = useNames(page);
  const sections = sectionsOf(page, row, names, route);
  return (
    <article class="node">
      <NodeHead page={page} row={row} />
      <div class="node-columns">
        <div class="node-main">
          {sections.map((s) => (
            <Section key={s.id} id={s.id} title={s.title} aside={s.aside}>
              {s.body}
            </Section>
          ))}
        </div>
        <aside class="node-side" aria-label="Facts">
          <NodeFacts page={page} row={row} />
          <nav class="contents" aria-label="On this page">
            <ul>
              {sections.map((s) => (
                <li key={s.id}>
                  <SectionLink id={s.id} route={route}>
                    {s.title}
                  </SectionLink>
                </li>
              ))}
            </ul>
          </nav>
        </aside>
      </div>
    </article>
  );
}

/** The address of a part of the page, which stays the same entry of the history. */
function SectionLink({ id, route, children }: { id: string; route: Route; children: ComponentChildren }) {
  const jump = (event: Event) => {
    event.preventDefault();
    adjust(route, { at: id });
    document.getElementById(id)?.scrollIntoView({ block: 'start' });
  };
  return (
    <a href={to(route.page, route.id, { ...route.query, at: id })} onClick={jump}>
      {children}
    </a>
  );
}

function NodeHead({ page, row }: { page: NodePage; row: Row | undefined }) {
  const type = row?.type ?? 'model';
  return (
    <Head
      above={
        <>
          <TypeIcon type={type} /> <span>{type.replace('_', ' ')}</span>
          {row?.materialized !== undefined && type === 'model' && <span>{row.materialized}</span>}
          {row?.schema !== undefined && <span class="mono">{row.schema}</span>}
        </>
      }
      title={row?.name ?? nameOf(page.id)}
    >
      <Notices page={page} row={row} />
      {page.description !== undefined && <Markdown text={page.description} />}
      <div class="chips">
        {row?.status !== undefined && type !== 'exposure' && (
          <span class="chip">
            <Mark health={row.status} word="" /> {type === 'source' ? FRESH[row.status] : BUILT[row.status]}
            {row.seconds !== undefined && ` in ${duration(row.seconds)}`}
          </span>
        )}
        {row?.rows !== undefined && <span class="chip">{short(row.rows)} rows</span>}
        {page.contract && <span class="chip">contract</span>}
        {row?.access !== undefined && <span class="chip">{row.access}</span>}
        <Tags tags={row?.tags} />
      </div>
    </Head>
  );
}

const BUILT = { pass: 'built', warn: 'built with warnings', fail: 'failed', skip: 'skipped', none: 'never built' } as const;
const FRESH = { pass: 'fresh', warn: 'late', fail: 'too old', skip: 'skipped', none: 'never checked' } as const;

/** What a reader should know first: the end of its life, a newer version, a failed build. */
function Notices({ page, row }: { page: NodePage; row: Row | undefined }) {
  const latest = page.versions?.find((v) => v.latest);
  const last = page.runs?.[0];
  return (
    <>
      {row?.deprecated !== undefined && <p class="notice notice-warn">Deprecated from {row.deprecated.slice(0, 10)}.</p>}
      {latest !== undefined && latest.id !== page.id && (
        <p class="notice">
          This is not the latest version. <NodeLink id={latest.id} />
        </p>
      )}
      {last?.health === 'fail' && last.message !== undefined && (
        <div class="notice notice-fail">
          <p>The last build failed.</p>
          <pre>{last.message}</pre>
        </div>
      )}
    </>
  );
}

/** What the code's names mean: rows of parents, ids of macros. */
function useNames(page: NodePage): Names {
  const { nodes } = useSite();
  return useMemo(() => {
    const parents = nodes.state === 'ready' ? page.parents.flatMap((id) => nodes.value.byId.get(id) ?? []) : [];
    return { parents, macros: page.macros ?? [] };
  }, [page, nodes]);
}

interface Part {
  readonly id: string;
  readonly title: string;
  readonly body: ComponentChildren;
  readonly aside?: ComponentChildren;
}

function sectionsOf(page: NodePage, row: Row | undefined, names: Names, route: Route): readonly Part[] {
  const parts: (Part | false | undefined)[] = [
    page.exposure && { id: 'exposure', title: 'Exposure', body: <ExposureFacts page={page} /> },
    page.definition && { id: 'definition', title: 'Definition', body: <Definition value={page.definition} /> },
    page.columns.length > 0 && { id: 'columns', title: 'Columns', body: <Columns page={page} wanted={route.query['column']} /> },
    { id: 'lineage', title: 'Lineage', body: <MiniLineage id={page.id} />, aside: <a href={to('lineage', page.id)}>Open</a> },
    { id: 'dependencies', title: 'Dependencies', body: <Dependencies page={page} /> },
    page.source?.freshness && { id: 'freshness', title: 'Freshness', body: <FreshnessFacts freshness={page.source.freshness} /> },
    (page.raw !== undefined || page.compiled !== undefined) && { id: 'code', title: 'Code', body: <CodeTabs page={page} names={names} /> },
    page.tests.length > 0 && { id: 'tests', title: 'Tests', body: <NodeTests page={page} /> },
    page.constraints && {
      id: 'constraints',
      title: 'Constraints',
      aside: page.contract && row?.status !== undefined && <Held health={row.status} />,
      body: (
        <ul class="constraints">
          {page.constraints.map((c) => (
            <ConstraintLine key={JSON.stringify(c)} constraint={c} />
          ))}
        </ul>
      ),
    },
    page.runs && page.runs.length > 0 && { id: 'runs', title: 'Runs', body: <Runs page={page} /> },
    page.config && { id: 'config', title: 'Configuration', body: <Definition value={page.config} /> },
    page.meta && { id: 'meta', title: 'Meta', body: <Definition value={page.meta} /> },
  ];
  const hasGraph = row === undefined || row.type !== 'analysis';
  return parts.filter((p): p is Part => p !== false && p !== undefined && (hasGraph || p.id !== 'lineage'));
}

/** The database checks constraints while a table is built: a build that went well has found that they hold. */
function Held({ health }: { health: Health }) {
  return (
    <span class="quiet">
      <Mark health={health} word="" /> {health === 'pass' || health === 'warn' ? 'held in the last build' : 'not known to hold: the last build did not finish'}
    </span>
  );
}

function Dependencies({ page }: { page: NodePage }) {
  return (
    <div class="dependencies">
      <Links title="Reads" ids={page.parents} empty="Nothing: the data starts here." />
      <Links title="Read by" ids={page.children.filter((id) => !id.startsWith('exposure.'))} empty="Nothing in the project." />
      <Links title="Exposures" ids={page.children.filter((id) => id.startsWith('exposure.'))} />
      <Links title="Macros" ids={page.macros ?? []} />
    </div>
  );
}

function Links({ title, ids, empty }: { title: string; ids: readonly Id[]; empty?: string }) {
  if (ids.length === 0 && empty === undefined) return null;
  return (
    <div>
      <h3>{title}</h3>
      {ids.length === 0 ? (
        <p class="quiet">{empty}</p>
      ) : (
        <ul class="plain-list">
          {ids.map((id) => (
            <li key={id}>
              <NodeLink id={id} />
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function CodeTabs({ page, names }: { page: NodePage; names: Names }) {
  const language = page.language ?? 'sql';
  const tabs = [
    ...(page.raw === undefined ? [] : [{ id: 'raw', title: 'Source', body: <Code code={page.raw} language={language} names={names} label="Source code" /> }]),
    ...(page.compiled === undefined
      ? []
      : [{ id: 'compiled', title: 'Compiled', body: <Code code={page.compiled} language={language} names={names} label="Compiled code" /> }]),
  ];
  return <Tabs label="Code" tabs={tabs} />;
}

function NodeTests({ page }: { page: NodePage }) {
  const rank = { fail: 0, warn: 1, skip: 2, none: 3, pass: 4 } as const;
  const tests = [...page.tests].sort((a, b) => rank[a.health] - rank[b.health]);
  return (
    <ul class="test-lines">
      {tests.map((test) => (
        <TestLine key={test.id} test={test} />
      ))}
    </ul>
  );
}

function Runs({ page }: { page: NodePage }) {
  const runs = page.runs ?? [];
  return (
    <>
      {runs.length > 1 && <RunChart runs={runs} />}
      <RunTable runs={runs} />
    </>
  );
}
