import type { ComponentType } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { IndexFile } from '../../src/docs/data/types.ts';
import { Data, type Loaded, loadIndex, loadNodes, type Nodes, type Site, SiteContext, useLoaded } from './data.ts';
import { Browse } from './pages/browse.tsx';
import { Diagnostics } from './pages/diagnostics.tsx';
import { Exposures, Metrics } from './pages/ends.tsx';
import { Macro, Macros } from './pages/macros.tsx';
import { Missing } from './pages/missing.tsx';
import { NodePageView } from './pages/node.tsx';
import { Overview } from './pages/overview.tsx';
import { Runs } from './pages/runs.tsx';
import { Sources } from './pages/sources.tsx';
import { Test, Tests } from './pages/tests.tsx';
import { Arriving } from './parts/basics.tsx';
import { type Route, useRoute } from './router.ts';
import { useScroll } from './scroll.ts';
import { Search, useSearchKeys } from './search/search.tsx';
import { Sidebar, Topbar } from './sidebar.tsx';

type Page = ComponentType<{ readonly route: Route }>;

const PAGES: Readonly<Record<string, Page>> = {
  '': Overview,
  models: Browse,
  node: NodePageView,
  sources: Sources,
  macros: Macros,
  macro: Macro,
  exposures: Exposures,
  metrics: Metrics,
  tests: Tests,
  test: Test,
  runs: Runs,
  diagnostics: Diagnostics,
  lineage: Lineage,
};

/** The whole site: what stands around every page, and the page that the address names. */
export function App({ first }: { first: IndexFile }) {
  const data = useLiveData(first);
  const nodes = useLoaded<Nodes>(data, 'nodes', () => loadNodes(data));
  const route = useRoute();
  const [menu, openMenu] = useState(false);
  const [searching, search] = useSearchKeys();
  const place = `${route.page}/${route.id}`;
  useScroll(place, route.query['at']);
  useArrival(place);
  useEffect(() => openMenu(false), [place]);
  const Shown = PAGES[route.page] ?? Missing;
  const site: Site = { data, nodes };
  return (
    <SiteContext.Provider value={site}>
      <a class="skip" href="#main" onClick={skip}>
        Skip to content
      </a>
      <Topbar menu={menu} openMenu={openMenu} search={() => search(true)} />
      <Sidebar route={route} open={menu} close={() => openMenu(false)} search={() => search(true)} />
      <main id="main" tabIndex={-1} class={route.page === 'lineage' ? 'main main-full' : 'main'}>
        <Shown key={place} route={route} />
      </main>
      {searching && <Search close={() => search(false)} />}
    </SiteContext.Provider>
  );
}

/** Puts the focus where a new page begins, so that keys and screen readers go on from there; not where the site is entered. */
function useArrival(place: string): void {
  const before = useRef(place);
  useEffect(() => {
    if (before.current === place) return;
    before.current = place;
    document.getElementById('main')?.focus({ preventScroll: true });
  }, [place]);
}

/** The address bar belongs to the pages: the skip link moves the focus itself. */
function skip(event: Event): void {
  event.preventDefault();
  document.getElementById('main')?.focus();
}

/** The renderer of the graph is loaded when it is first needed. */
function Lineage({ route }: { route: Route }) {
  const [page, set] = useState<Loaded<Page>>({ state: 'loading' });
  useEffect(() => {
    import('./lineage/page.tsx').then(
      (m) => set({ state: 'ready', value: m.LineagePage }),
      (error: unknown) => set({ state: 'failed', why: String(error) }),
    );
  }, []);
  return <Arriving loaded={page}>{(Shown) => <Shown route={route} />}</Arriving>;
}

/** The data; where the host tells of changes, they are read anew. */
function useLiveData(first: IndexFile): Data {
  const [data, set] = useState(() => new Data(first));
  useEffect(() => {
    const address = document.querySelector<HTMLMetaElement>('meta[name="dml-live"]')?.content;
    if (address === undefined) return;
    const events = new EventSource(address);
    const look = () =>
      loadIndex().then(
        (index) => set((now) => (index.build === now.index.build ? now : new Data(index))),
        // The host is away; when it is back it is asked again.
        () => undefined,
      );
    for (const event of ['open', 'change']) events.addEventListener(event, look);
    return () => events.close();
  }, []);
  return data;
}
