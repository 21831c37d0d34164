import { useState } from 'preact/hooks';
import type { DiagnosticsFile } from '../../../src/docs/data/types.ts';
import { useFile, useSite } from '../data.ts';
import { Markdown } from '../markdown.tsx';
import { Arriving, Head, useTitle } from '../parts/basics.tsx';
import { Mark } from '../parts/icon.tsx';
import { type Route, to } from '../router.ts';
import { count } from '../text.ts';

const HEALTHS = { error: 'fail', warning: 'warn', note: 'none' } as const;

/** Every message that dml prints, with what it means and what helps. `#/diagnostics/<code>` opens one. */
export function Diagnostics({ route }: { route: Route }) {
  useTitle(route.id, 'Diagnostics', useSite().data.index.project.name);
  const loaded = useFile<DiagnosticsFile>('data/diagnostics.json');
  return (
    <>
      <Head title="Diagnostics">
        <p class="lead">
          What dml says when something in a project is not right, and what helps. On the command line: <code>dml explain CODE</code>.
        </p>
      </Head>
      <Arriving loaded={loaded}>{(file) => <List all={file.diagnostics} chosen={route.id} />}</Arriving>
    </>
  );
}

type Diagnostic = DiagnosticsFile['diagnostics'][number];

function List({ all, chosen }: { all: readonly Diagnostic[]; chosen: string }) {
  const [wanted, want] = useState('');
  const letters = wanted.trim().toLowerCase();
  const shown = all.filter((d) => chosen === d.code || (chosen === '' && (d.code.includes(letters) || d.explanation.toLowerCase().includes(letters))));
  return (
    <>
      <div class="filter">
        {chosen === '' ? (
          <input type="search" placeholder="Filter" aria-label="Filter by code or text" value={wanted} onInput={(e) => want(e.currentTarget.value)} />
        ) : (
          <a href={to('diagnostics')}>All diagnostics</a>
        )}
        <span class="quiet" role="status">
          {count(shown.length, 'diagnostic')}
        </span>
      </div>
      {shown.map((d) => (
        <details key={d.code} class="diagnostic" open={shown.length === 1}>
          <summary>
            <Mark health={HEALTHS[d.severity]} word={d.severity} /> <span class="mono">{d.code}</span>
          </summary>
          <Markdown text={d.explanation} />
          {chosen === '' && (
            <p>
              <a href={to('diagnostics', d.code)}>Link to this</a>
            </p>
          )}
        </details>
      ))}
    </>
  );
}
