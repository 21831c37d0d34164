import { useEffect, useState } from 'preact/hooks';

/** A place in the site: `#/page/id?key=value`. The id is a unique_id, so that an address survives every regeneration. */
export interface Route {
  readonly page: string;
  readonly id: string;
  readonly query: Readonly<Record<string, string>>;
}

/** The address of a page, as a relative link that works below any path of any file host. */
export function to(page: string, id = '', query: Readonly<Record<string, string | undefined>> = {}): string {
  const pairs = Object.entries(query).filter((pair): pair is [string, string] => pair[1] !== undefined && pair[1] !== '');
  const search = pairs.map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`).join('&');
  return `#/${page}${id === '' ? '' : `/${encodeURIComponent(id)}`}${search === '' ? '' : `?${search}`}`;
}

/** Reads an address bar's `#/…`, or an address of dbt's own documentation; whatever cannot be read is the overview. */
export function routeOf(hash: string): Route {
  const [path = '', search = ''] = (dbtAddress(hash) ?? hash).replace(/^#?\/?/, '').split('?', 2);
  const slash = path.indexOf('/');
  const page = slash === -1 ? path : path.slice(0, slash);
  const query = Object.fromEntries(new URLSearchParams(search));
  return { page, id: slash === -1 ? '' : decoded(path.slice(slash + 1)), query };
}

/** Where an address of dbt's own documentation (`#!/model/<id>`) leads here: descriptions hold such links, and so do people's notes. */
export function dbtAddress(hash: string): string | undefined {
  const [, kind, id = ''] = /^#!\/(\w+)(?:\/([^#?]+))?/.exec(hash) ?? [];
  if (kind === undefined || kind === 'overview') return kind && to('');
  return to(kind === 'test' || kind === 'macro' ? kind : 'node', decoded(id));
}

/** Changes parts of the query of the present address without a new entry in the history: the state of a page, not another page. */
export function adjust(route: Route, query: Readonly<Record<string, string | undefined>>): void {
  history.replaceState(history.state, '', to(route.page, route.id, { ...route.query, ...query }));
  dispatchEvent(new HashChangeEvent('hashchange'));
}

/** Goes to an address as a click on a link does. */
export function go(address: string): void {
  location.hash = address;
}

/** The present place; the component is drawn again when it changes. */
export function useRoute(): Route {
  const [route, set] = useState(() => routeOf(location.hash));
  useEffect(() => {
    const changed = () => set(routeOf(location.hash));
    addEventListener('hashchange', changed);
    return () => removeEventListener('hashchange', changed);
  }, []);
  return route;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
