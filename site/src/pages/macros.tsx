import { useMemo, useState } from 'preact/hooks';
import type { MacroListFile, MacroPage, MacrosFile } from '../../../src/docs/data/types.ts';
import { Code } from '../code/code.tsx';
import { useFile, useLoaded, useSite } from '../data.ts';
import { Markdown } from '../markdown.tsx';
import { Arriving, Facts, Head, NodeLink, Nothing, nameOf, Section, useTitle } from '../parts/basics.tsx';
import { TypeIcon } from '../parts/icon.tsx';
import { type Route, to } from '../router.ts';
import { Gone } from './missing.tsx';

type Listed = MacroListFile['macros'][number];

/** All macros of the project and its packages. */
export function Macros() {
  useTitle('Macros', useSite().data.index.project.name);
  const loaded = useFile<MacroListFile>('data/macros.json');
  return (
    <>
      <Head title="Macros" />
      <Arriving loaded={loaded}>{({ macros }) => (macros.length === 0 ? <Nothing>The project has no macros.</Nothing> : <List macros={macros} />)}</Arriving>
    </>
  );
}

function List({ macros }: { macros: readonly Listed[] }) {
  const [wanted, want] = useState('');
  const packages = useMemo(() => [...new Set(macros.map((m) => m.package))], [macros]);
  const letters = wanted.trim().toLowerCase();
  return (
    <>
      <div class="filter">
        <input type="search" placeholder="Filter by name" aria-label="Filter by name" value={wanted} onInput={(e) => want(e.currentTarget.value)} />
      </div>
      {packages.map((name) => {
        const own = macros.filter((m) => m.package === name && m.name.toLowerCase().includes(letters));
        if (own.length === 0) return null;
        return (
          <section key={name} class="section" aria-label={name}>
            {packages.length > 1 && <h2>{name}</h2>}
            <ul class="macro-list">
              {own.map((m) => (
                <li key={m.id}>
                  <a href={to('macro', m.id)}>
                    <TypeIcon type="macro" />
                    <span class="mono">
                      <b>{m.name}</b>
                      <span class="quiet">({m.arguments.join(', ')})</span>
                    </span>
                  </a>
                  {m.about !== undefined && <p class="quiet">{m.about}</p>}
                </li>
              ))}
            </ul>
          </section>
        );
      })}
    </>
  );
}

/** The page of a macro. */
export function Macro({ route }: { route: Route }) {
  const { data } = useSite();
  const { id } = route;
  useTitle(nameOf(id), data.index.project.name);
  const loaded = useLoaded<MacrosFile>(data, `macros:${id}`, () => data.shard('macros', id));
  return <Arriving loaded={loaded}>{({ macros }) => (macros[id] ? <Article macro={macros[id]} /> : <Gone id={id} />)}</Arriving>;
}

function Article({ macro }: { macro: MacroPage }) {
  return (
    <article>
      <Head
        above={
          <>
            <TypeIcon type="macro" /> <span>macro</span> <span class="mono">{macro.package}</span>
          </>
        }
        title={macro.name}
      >
        {macro.description !== undefined && <Markdown text={macro.description} />}
      </Head>
      {macro.arguments.length > 0 && (
        <Section id="arguments" title="Arguments">
          <Arguments macro={macro} />
        </Section>
      )}
      <Section id="code" title="Code" aside={<span class="mono quiet">{macro.file}</span>}>
        <Code code={macro.code} names={{ parents: [], macros: macro.macros }} label="Source code" />
      </Section>
      {macro.macros.length > 0 && (
        <Section id="calls" title="Calls">
          <Links ids={macro.macros} />
        </Section>
      )}
      {macro.usedBy.length > 0 && (
        <Section id="used" title="Used by">
          <Links ids={macro.usedBy} />
        </Section>
      )}
    </article>
  );
}

function Arguments({ macro }: { macro: MacroPage }) {
  return (
    <Facts
      facts={macro.arguments.map(
        (a) =>
          [
            a.name,
            <>
              {a.type !== undefined && <span class="mono quiet">{a.type}</span>}
              {a.value !== undefined && (
                <span class="quiet">
                  {' '}
                  default <code>{a.value}</code>
                </span>
              )}
              {a.description !== undefined && <Markdown text={a.description} />}
              {a.type === undefined && a.value === undefined && a.description === undefined && <span class="quiet">required</span>}
            </>,
          ] as const,
      )}
    />
  );
}

function Links({ ids }: { ids: readonly string[] }) {
  return (
    <ul class="link-columns">
      {ids.map((id) => (
        <li key={id}>
          <NodeLink id={id} />
        </li>
      ))}
    </ul>
  );
}
