import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Row } from '../../src/docs/data/types.ts';
import { useRows, useSite } from './data.ts';
import { Ago } from './parts/basics.tsx';
import { Icon, type IconName, TypeIcon } from './parts/icon.tsx';
import { type Route, to } from './router.ts';
import { type Theme, useTheme } from './theme.ts';
import { type Folder, treeOf } from './tree.ts';

/** What a narrow screen has instead of the sidebar. */
export function Topbar({ menu, openMenu, search }: { menu: boolean; openMenu: (open: boolean) => void; search: () => void }) {
  const { data } = useSite();
  return (
    <header class="topbar">
      <button type="button" class="plain" aria-label="Menu" aria-expanded={menu} aria-controls="sidebar" onClick={() => openMenu(!menu)}>
        <Icon name={menu ? 'close' : 'menu'} size={20} />
      </button>
      <a class="topbar-name" href={to('')}>
        {data.index.project.name}
      </a>
      <button type="button" class="plain" aria-label="Search" onClick={search}>
        <Icon name="search" size={20} />
      </button>
    </header>
  );
}

/** Where everything is: search, the kinds of pages, the tree of the project. */
export function Sidebar({ route, open, close, search }: { route: Route; open: boolean; close: () => void; search: () => void }) {
  const { data } = useSite();
  const { index } = data;
  const element = useRef<HTMLElement>(null);
  useEffect(() => {
    if (open) element.current?.querySelector<HTMLElement>('a, button')?.focus();
  }, [open]);
  const leave = (event: KeyboardEvent) => {
    if (event.key === 'Escape') close();
  };
  return (
    <>
      {open && <div class="veil" onClick={close} aria-hidden="true" />}
      <aside id="sidebar" ref={element} class={open ? 'sidebar open' : 'sidebar'} aria-label="Project" onKeyDown={leave}>
        <a class="brand" href={to('')}>
          <Logo />
          <span>{index.project.name}</span>
        </a>
        <button type="button" class="search-button" onClick={search}>
          <Icon name="search" />
          <span>Search</span>
          <kbd>/</kbd>
        </button>
        <Pages route={route} />
        <nav class="tree" aria-label="Files">
          <Tree route={route} />
        </nav>
        <footer class="sidebar-foot">
          <ThemeSwitch />
          <p>
            {index.generator}, <Ago at={index.generatedAt} />
          </p>
        </footer>
      </aside>
    </>
  );
}

function Logo() {
  return (
    <svg class="logo" width="26" height="26" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" class="logo-field" />
      <path class="logo-line" d="M10 10.5c6 0 5 5.5 11 5.5M10 21.5c6 0 5-5.5 11-5.5" />
      <circle class="logo-dot" cx="9" cy="10.5" r="3" />
      <circle class="logo-dot" cx="9" cy="21.5" r="3" />
      <circle class="logo-dot" cx="23" cy="16" r="3" />
    </svg>
  );
}

interface Entry {
  readonly page: string;
  readonly text: string;
  readonly icon: IconName;
  /** Number shown behind it. */
  readonly number?: number | undefined;
  /** What it is a number of, where it is not of all. */
  readonly bad?: 'fail' | 'warn';
}

function Pages({ route }: { route: Route }) {
  const { index } = useSite().data;
  const { counts, health } = index;
  const number = (...types: string[]) => types.reduce((sum, type) => sum + (counts[type] ?? 0), 0);
  const here = entryOf(route);
  const failing = health.tests.fail + health.tests.warn;
  const entries: readonly (Entry & { readonly when?: boolean })[] = [
    { page: '', text: 'Overview', icon: 'overview' },
    { page: 'lineage', text: 'Lineage', icon: 'lineage' },
    { page: 'models', text: 'Models', icon: 'model', number: number('model') },
    { page: 'sources', text: 'Sources', icon: 'source', number: number('source'), when: number('source') > 0 },
    { page: 'exposures', text: 'Exposures', icon: 'exposure', number: number('exposure'), when: number('exposure') > 0 },
    { page: 'metrics', text: 'Metrics', icon: 'metric', number: number('metric'), when: number('metric', 'semantic_model', 'saved_query') > 0 },
    {
      page: 'tests',
      text: 'Tests',
      icon: 'test',
      ...(failing > 0 ? { number: failing, bad: health.tests.fail > 0 ? 'fail' : 'warn' } : { number: number('test', 'unit_test') }),
    },
    { page: 'runs', text: 'Runs', icon: 'runs' },
    { page: 'macros', text: 'Macros', icon: 'macro', number: number('macro'), when: number('macro') > 0 },
    { page: 'diagnostics', text: 'Diagnostics', icon: 'diagnostics' },
  ];
  return (
    <nav class="pages" aria-label="Pages">
      <ul>
        {entries
          .filter((e) => e.when !== false)
          .map((e) => (
            <li key={e.page}>
              <a href={to(e.page)} {...(here === e.page ? { 'aria-current': 'page' as const } : {})}>
                <Icon name={e.icon} />
                <span>{e.text}</span>
                {e.number !== undefined && e.number > 0 && (
                  <span class={e.bad ? `number number-${e.bad}` : 'number'}>
                    {e.number.toLocaleString('en')}
                    {e.bad && <span class="unseen"> not passing</span>}
                  </span>
                )}
              </a>
            </li>
          ))}
      </ul>
    </nav>
  );
}

/** The entry that a page belongs to; those of single things belong to their lists. */
function entryOf({ page, id }: Route): string {
  if (page === 'test' || page === 'macro') return `${page}s`;
  return page === 'node' ? (LISTS[id.slice(0, id.indexOf('.'))] ?? 'models') : page;
}

const LISTS: Readonly<Record<string, string>> = {
  source: 'sources',
  exposure: 'exposures',
  metric: 'metrics',
  semantic_model: 'metrics',
  saved_query: 'metrics',
};

function Tree({ route }: { route: Route }) {
  const rows = useRows();
  const root = useMemo(() => treeOf(rows), [rows]);
  const current = route.page === 'node' ? route.id : '';
  return <Branch folder={root} current={current} level={0} />;
}

function Branch({ folder, current, level }: { folder: Folder; current: string; level: number }) {
  return (
    <ul>
      {folder.folders.map((f) => (
        <Twig key={f.name} folder={f} current={current} level={level} />
      ))}
      {folder.rows.map((row) => (
        <Leaf key={row.id} row={row} current={row.id === current} />
      ))}
    </ul>
  );
}

function Twig({ folder, current, level }: { folder: Folder; current: string; level: number }) {
  const inside = folder.ids.has(current);
  const [open, set] = useState(inside);
  useEffect(() => {
    if (inside) set(true);
  }, [inside, current]);
  return (
    <li>
      <button type="button" class="twig" aria-expanded={open} onClick={() => set(!open)}>
        <Icon name="right" size={12} />
        <span>{folder.name}</span>
        <span class="number">{folder.ids.size.toLocaleString('en')}</span>
      </button>
      {open && <Branch folder={folder} current={current} level={level + 1} />}
    </li>
  );
}

function Leaf({ row, current }: { row: Row; current: boolean }) {
  const element = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (current) element.current?.scrollIntoView({ block: 'nearest' });
  }, [current]);
  return (
    <li ref={element}>
      <a class="leaf" href={to('node', row.id)} {...(current ? { 'aria-current': 'page' as const } : {})}>
        <TypeIcon type={row.type} size={14} />
        <span>{row.type === 'source' ? row.name.slice(row.name.indexOf('.') + 1) : row.name}</span>
      </a>
    </li>
  );
}

const NEXT: Readonly<Record<Theme, Theme>> = { auto: 'light', light: 'dark', dark: 'auto' };
const THEME_WORDS: Readonly<Record<Theme, string>> = { auto: 'Auto', light: 'Light', dark: 'Dark' };

function ThemeSwitch() {
  const [theme, choose] = useTheme();
  return (
    <button type="button" class="plain theme" onClick={() => choose(NEXT[theme])} title="Colours">
      <Icon name={theme} />
      {THEME_WORDS[theme]}
      <span class="unseen"> colours. Change to {THEME_WORDS[NEXT[theme]]}</span>
    </button>
  );
}
