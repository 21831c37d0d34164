import type { ComponentChildren } from 'preact';
import type { Health, Healths, Invocation, TestsFile } from '../../../src/docs/data/types.ts';
import { useFile, useSite } from '../data.ts';
import { Markdown } from '../markdown.tsx';
import { Ago, Facts, HealthBar, HealthCounts, Section, useTitle, worst } from '../parts/basics.tsx';
import { Mark } from '../parts/icon.tsx';
import { TestLine } from '../parts/tests.tsx';
import { to } from '../router.ts';
import { count, duration, moment } from '../text.ts';

const BUILD_WORDS: Readonly<Record<Health, string>> = { pass: 'built', warn: 'warned', fail: 'failed', skip: 'skipped', none: 'not built yet' };
const FRESH_WORDS: Readonly<Record<Health, string>> = { pass: 'fresh', warn: 'late', fail: 'too old', skip: 'skipped', none: 'not checked yet' };

const BUILDING: ReadonlySet<string> = new Set(['build', 'run', 'seed', 'snapshot', 'retry']);
const TESTING: ReadonlySet<string> = new Set(['build', 'test', 'retry']);

/** The first page: what the project is, and how it is. */
export function Overview() {
  const { index } = useSite().data;
  const { project, health, runs } = index;
  useTitle(project.name);
  const last = runs.find((r) => BUILDING.has(r.command));
  const tested = runs.find((r) => TESTING.has(r.command));
  return (
    <div class="overview">
      <header class="head head-project">
        <h1 tabIndex={-1}>{project.name}</h1>
        <p class="counts">{counted(index.counts)}</p>
      </header>
      <div class="cards">
        <Card title="Builds" healths={health.builds} words={BUILD_WORDS} href={to('runs')}>
          {last && (
            <>
              Last build <Ago at={last.startedAt} />, in {duration(last.seconds)}
            </>
          )}
        </Card>
        <Card title="Tests" healths={health.tests} href={to('tests')}>
          {tested && (
            <>
              Last tested <Ago at={tested.startedAt} />
            </>
          )}
        </Card>
        {sum(health.freshness) > 0 && <Card title="Sources" healths={health.freshness} words={FRESH_WORDS} href={to('sources')} />}
        <Coverage />
      </div>
      <Trouble />
      <div class="overview-columns">
        <div>
          {project.overview === undefined ? (
            <p class="nothing">
              What is written in the README of the project, or in a docs block with the name <code>__overview__</code>, stands here.
            </p>
          ) : (
            <Markdown text={project.overview} />
          )}
        </div>
        <div class="overview-side">
          {runs.length > 0 && (
            <Section id="runs" title="Last runs" aside={<a href={to('runs')}>Timeline</a>}>
              <ol class="runs">
                {runs.slice(0, 8).map((run) => (
                  <Run key={run.id} run={run} />
                ))}
              </ol>
            </Section>
          )}
          <Groups />
          <Section id="about" title="About">
            <Facts
              facts={[
                ['Version', project.version],
                ['Database', project.adapter],
                ['Written by', index.generator],
                ['Written', moment(index.generatedAt)],
                ['Packages', index.packages.length > 1 && index.packages.map((p) => p.name).join(', ')],
              ]}
            />
          </Section>
        </div>
      </div>
    </div>
  );
}

function counted(counts: Readonly<Record<string, number>>): string {
  const types: readonly (readonly [string, string, string?])[] = [
    ['model', 'model'],
    ['source', 'source'],
    ['seed', 'seed'],
    ['snapshot', 'snapshot'],
    ['test', 'test'],
    ['unit_test', 'unit test'],
    ['exposure', 'exposure'],
    ['metric', 'metric'],
    ['macro', 'macro'],
  ];
  return types.flatMap(([type, one, many]) => ((counts[type] ?? 0) > 0 ? [count(counts[type] ?? 0, one, many)] : [])).join(' · ');
}

function sum(healths: Healths): number {
  return Object.values(healths).reduce((a, b) => a + b, 0);
}

interface CardProps {
  readonly title: string;
  readonly healths: Healths;
  readonly words?: Readonly<Record<Health, string>>;
  readonly href: string;
  /** When it was found out. */
  readonly children?: ComponentChildren;
}

function Card({ title, healths, words, href, children }: CardProps) {
  const all = sum(healths);
  return (
    <section class="card" aria-label={title}>
      <h2>
        <a href={href}>{title}</a>
        {all > 0 && <Mark health={worst(healths)} word="" />}
      </h2>
      <HealthBar healths={healths} {...(words && { words })} />
      {all === 0 ? <p class="quiet">None</p> : <HealthCounts healths={healths} {...(words && { words })} />}
      {all > 0 && children && <p class="card-when">{children}</p>}
    </section>
  );
}

function Coverage() {
  const { described, tested, columnsDescribed } = useSite().data.index.health;
  return (
    <section class="card" aria-label="Coverage">
      <h2>Coverage</h2>
      <dl class="meters">
        <Meter name="described" part={described} />
        <Meter name="columns described" part={columnsDescribed} />
        <Meter name="tested" part={tested} />
      </dl>
    </section>
  );
}

function Meter({ name, part: [some, all] }: { name: string; part: readonly [number, number] }) {
  const share = all === 0 ? 0 : some / all;
  return (
    <div class="meter">
      <dt>{name}</dt>
      <dd title={`${some.toLocaleString('en')} of ${all.toLocaleString('en')}`}>{Math.floor(share * 100)} %</dd>
      <span class="meter-line" aria-hidden="true">
        <span style={{ width: `${share * 100}%` }} />
      </span>
    </div>
  );
}

/** What does not pass now, where there is any. */
function Trouble() {
  const { index } = useSite().data;
  const loaded = useFile<TestsFile>('data/tests.json');
  if (index.health.tests.fail + index.health.tests.warn === 0 || loaded.state !== 'ready') return null;
  const bad = loaded.value.troubled.filter((t) => t.health !== 'skip');
  return (
    <Section id="trouble" title="Not passing now" aside={bad.length > 5 && <a href={to('tests')}>All {bad.length}</a>}>
      <ul class="test-lines">
        {bad.slice(0, 5).map((test) => (
          <TestLine key={test.id} test={test} withNode />
        ))}
      </ul>
    </Section>
  );
}

function Run({ run }: { run: Invocation }) {
  return (
    <li>
      <Mark health={worst({ ...run.results, none: 0, skip: 0 })} />
      <span class="run-command">{run.command}</span>
      <span class="quiet">
        <Ago at={run.startedAt} /> · {duration(run.seconds)}
      </span>
      <HealthBar healths={run.results} />
    </li>
  );
}

function Groups() {
  const { groups } = useSite().data.index;
  if (groups.length === 0) return null;
  return (
    <Section id="groups" title="Groups">
      <ul class="plain-list">
        {groups.map((g) => (
          <li key={`${g.package}.${g.name}`}>
            <a href={to('models', '', { by: 'group', in: g.name })}>{g.name}</a>{' '}
            <span class="quiet">
              {count(g.nodes, 'node')}
              {g.owner.name !== undefined && `, ${g.owner.name}`}
            </span>
          </li>
        ))}
      </ul>
    </Section>
  );
}
