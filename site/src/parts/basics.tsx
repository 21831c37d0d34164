import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import type { Health, Healths, Id } from '../../../src/docs/data/types.ts';
import { type Loaded, useRow } from '../data.ts';
import { to } from '../router.ts';
import { ago, moment } from '../text.ts';
import { HEALTH_WORDS, Mark, TypeIcon } from './icon.tsx';

/** Sets the title of the window. */
export function useTitle(...parts: readonly string[]): void {
  const title = parts.filter((p) => p !== '').join(' · ');
  useEffect(() => {
    document.title = title;
  }, [title]);
}

/** What is drawn of something on its way: the thing itself, a quiet placeholder, or why it cannot be had. */
export function Arriving<T>({ loaded, children }: { loaded: Loaded<T>; children: (value: T) => ComponentChildren }) {
  if (loaded.state === 'ready') return <>{children(loaded.value)}</>;
  if (loaded.state === 'loading') return <div class="arriving" role="status" aria-label="Loading" />;
  return (
    <div class="notice notice-fail" role="alert">
      {loaded.why}
    </div>
  );
}

/** The head of a page: a small line of where one is, the name, and what it is about. */
export function Head({ above, title, children }: { above?: ComponentChildren; title: ComponentChildren; children?: ComponentChildren }) {
  return (
    <header class="head">
      {above !== undefined && <div class="head-above">{above}</div>}
      <h1 tabIndex={-1}>{title}</h1>
      {children}
    </header>
  );
}

/** A part of a page with a heading that can be linked to: `?at=<id>`. */
export function Section({ id, title, aside, children }: { id: string; title: ComponentChildren; aside?: ComponentChildren; children: ComponentChildren }) {
  return (
    <section id={id} class="section" aria-labelledby={`${id}-title`}>
      <div class="section-head">
        <h2 id={`${id}-title`}>{title}</h2>
        {aside}
      </div>
      {children}
    </section>
  );
}

/** Names and what they are, as a list of definitions. Entries without a value are left out. */
export function Facts({ facts }: { facts: readonly (readonly [name: string, value: ComponentChildren])[] }) {
  const known = facts.filter(([, value]) => value !== undefined && value !== null && value !== '' && value !== false);
  if (known.length === 0) return null;
  return (
    <dl class="facts">
      {known.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** The name behind an id that has no row: `model.shop.orders.v2` is `orders.v2`. */
export function nameOf(id: Id): string {
  return id.split('.').slice(2).join('.') || id;
}

/** A node by its drawing and name. */
export function NodeLink({ id, about = false }: { id: Id; about?: boolean }) {
  const row = useRow(id);
  const type = id.slice(0, id.indexOf('.'));
  const page = type === 'macro' ? 'macro' : type === 'test' || type === 'unit_test' ? 'test' : 'node';
  return (
    <a class="node-link" href={to(page, id)}>
      <TypeIcon type={row?.type ?? (page === 'node' ? 'model' : page)} />
      <span class="node-name">{row?.name ?? nameOf(id)}</span>
      {about && row?.about !== undefined && <span class="node-about">{row.about}</span>}
    </a>
  );
}

/** Several states as one bar, with a sentence that says the same. */
export function HealthBar({ healths, words = HEALTH_WORDS }: { healths: Healths; words?: Readonly<Record<Health, string>> }) {
  const parts = ORDER.filter((h) => healths[h] > 0);
  const all = parts.reduce((sum, h) => sum + healths[h], 0);
  if (all === 0) return null;
  const text = parts.map((h) => `${healths[h]} ${words[h]}`).join(', ');
  return (
    <span class="health-bar" role="img" aria-label={text} title={text}>
      {parts.map((h) => (
        <span key={h} class={`part part-${h}`} style={{ flexGrow: healths[h] }} />
      ))}
    </span>
  );
}

/** Several states in figures, worst first. */
export function HealthCounts({ healths, words = HEALTH_WORDS }: { healths: Healths; words?: Readonly<Record<Health, string>> }) {
  return (
    <ul class="health-counts">
      {ORDER.filter((h) => healths[h] > 0).map((h) => (
        <li key={h}>
          <Mark health={h} word="" /> <b>{healths[h].toLocaleString('en')}</b> {words[h]}
        </li>
      ))}
    </ul>
  );
}

const ORDER: readonly Health[] = ['fail', 'warn', 'pass', 'skip', 'none'];

/** The worst of several states; `none` where there are none. */
export function worst(healths: Healths): Health {
  return ORDER.find((h) => healths[h] > 0) ?? 'none';
}

/** A time as how long ago it was, with the time itself in its title. */
export function Ago({ at }: { at: string }) {
  return (
    <time dateTime={at} title={moment(at)}>
      {ago(at, Date.now())}
    </time>
  );
}

export function Tags({ tags }: { tags: readonly string[] | undefined }) {
  if (tags === undefined || tags.length === 0) return null;
  return (
    <ul class="tags" aria-label="Tags">
      {tags.map((tag) => (
        <li key={tag}>
          <a href={to('models', '', { by: 'tag', in: tag })}>{tag}</a>
        </li>
      ))}
    </ul>
  );
}

/** A page that has nothing to show says why. */
export function Nothing({ children }: { children: ComponentChildren }) {
  return <p class="nothing">{children}</p>;
}
