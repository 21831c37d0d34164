import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Id, Row } from '../../../src/docs/data/types.ts';
import { useLoaded, useSite } from '../data.ts';
import { nameOf } from '../parts/basics.tsx';
import { Icon, Mark, TypeIcon } from '../parts/icon.tsx';
import { go, to } from '../router.ts';
import type { Find, Hit } from './engine.ts';

const MOST = 30;

/** `/` and Ctrl-K open the search, wherever one is but in a field. */
export function useSearchKeys(): readonly [boolean, (open: boolean) => void] {
  const [open, set] = useState(false);
  useEffect(() => {
    const key = (event: KeyboardEvent) => {
      const typing = event.target instanceof HTMLElement && event.target.matches('input, select, textarea, [contenteditable]');
      const asked =
        (event.key === '/' && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) ||
        (event.key.toLowerCase() === 'k' && (event.ctrlKey || event.metaKey));
      if (!asked) return;
      event.preventDefault();
      set(true);
    };
    addEventListener('keydown', key);
    return () => removeEventListener('keydown', key);
  }, []);
  return [open, set];
}

/** The search over everything that has a page. */
export function Search({ close }: { close: () => void }) {
  const { data } = useSite();
  const loaded = useLoaded<Find>(data, 'search', async () => (await import('./engine.ts')).loadSearch(data));
  const [text, set] = useState('');
  const [at, move] = useState(0);
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const hits = useMemo(() => (loaded.state === 'ready' ? loaded.value(text, MOST) : []), [text, loaded.state]);
  const chosen = hits[Math.min(at, hits.length - 1)];
  const open = (id: Id) => {
    close();
    go(pageOf(id));
  };
  const keys = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[event.key];
    if (step !== undefined) move(Math.max(0, Math.min(hits.length - 1, at + step)));
    else if (event.key === 'Enter' && chosen) open(chosen.id);
    else return;
    event.preventDefault();
  };
  const type = (value: string) => {
    set(value);
    move(0);
  };
  return (
    <dialog ref={dialog} class="search" aria-label="Search" onClose={close} onClick={(e) => e.target === dialog.current && close()}>
      <div class="search-box">
        <div class="search-line">
          <Icon name="search" size={18} />
          <input
            type="text"
            role="combobox"
            aria-expanded={hits.length > 0}
            aria-controls="search-hits"
            aria-autocomplete="list"
            aria-label="Search"
            {...(chosen && { 'aria-activedescendant': `hit-${hits.indexOf(chosen)}` })}
            placeholder="Models, columns, descriptions, SQL, tags"
            autocomplete="off"
            spellcheck={false}
            value={text}
            onInput={(e) => type(e.currentTarget.value)}
            onKeyDown={keys}
          />
          <button type="button" class="plain" onClick={close}>
            <kbd>Esc</kbd>
            <span class="unseen"> closes</span>
          </button>
        </div>
        <ul id="search-hits" role="listbox" aria-label="Found">
          {hits.map((hit, n) => (
            <HitLine key={hit.id} hit={hit} number={n} chosen={hit === chosen} open={open} />
          ))}
        </ul>
        <p class="search-state" role="status">
          {loaded.state === 'failed'
            ? loaded.why
            : text.trim() === ''
              ? 'Letters may be wrong; all words must occur.'
              : loaded.state === 'loading'
                ? 'Loading …'
                : hits.length === 0
                  ? 'Nothing found.'
                  : ''}
        </p>
      </div>
    </dialog>
  );
}

function HitLine({ hit, number, chosen, open }: { hit: Hit; number: number; chosen: boolean; open: (id: Id) => void }) {
  const { nodes } = useSite();
  const element = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (chosen) element.current?.scrollIntoView({ block: 'nearest' });
  }, [chosen]);
  const row = nodes.state === 'ready' ? nodes.value.byId.get(hit.id) : undefined;
  return (
    <li ref={element} id={`hit-${number}`} role="option" aria-selected={chosen} onClick={() => open(hit.id)}>
      <TypeIcon type={row?.type ?? typeOf(hit.id)} />
      <span class="hit-name">{row?.name ?? nameOf(hit.id)}</span>
      {row?.status === 'fail' && <Mark health="fail" />}
      <span class="hit-why">{why(hit, row)}</span>
    </li>
  );
}

/** Where the words were found, or else what it is about. */
function why(hit: Hit, row: Row | undefined): string {
  const words = (field: string) => Object.entries(hit.matches).flatMap(([word, fields]) => (fields.includes(field) ? [word] : []));
  const columns = words('columns');
  if (words('name').length === 0 && columns.length > 0) return `columns: ${columns.join(', ')}`;
  if (words('name').length === 0 && words('tags').length > 0) return `tags: ${words('tags').join(', ')}`;
  if (words('name').length === 0 && words('text').length === 0 && words('code').length > 0) return `SQL: ${words('code').join(', ')}`;
  return row?.about ?? row?.file ?? '';
}

function typeOf(id: Id): 'macro' | 'test' | 'model' {
  return id.startsWith('macro.') ? 'macro' : /^(?:unit_)?test\./.test(id) ? 'test' : 'model';
}

function pageOf(id: Id): string {
  const type = typeOf(id);
  return to(type === 'model' ? 'node' : type, id);
}
