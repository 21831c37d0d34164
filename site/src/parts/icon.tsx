import type { Health, NodeType } from '../../../src/docs/data/types.ts';

/** Drawings as strokes on a field of 16 by 16. */
export const PATHS = {
  model: 'M8 1.8 13.6 4.9v6.2L8 14.2 2.4 11.1V4.9zM2.4 4.9 8 8l5.6-3.1M8 8v6.2',
  seed: 'M3 2.5h10v11H3zM3 6.2h10M3 9.8h10M7 2.5v11',
  snapshot: 'M8 2.2a5.8 5.8 0 1 1-5.3 3.5M2.4 2.5v3.3h3.3M8 5v3.3l2.2 1.4',
  source: 'M2.8 4c0-1.2 2.3-2 5.2-2s5.2.8 5.2 2-2.3 2-5.2 2-5.2-.8-5.2-2zM2.8 4v8c0 1.2 2.3 2 5.2 2s5.2-.8 5.2-2V4M2.8 8c0 1.2 2.3 2 5.2 2s5.2-.8 5.2-2',
  exposure: 'M2 3h12v8.5H2zM5.5 14h5M8 11.5V14M5 8.8V7M8 8.8V5.3M11 8.8V6.2',
  metric: 'M2 13.5h12M3.5 11V8M6.5 11V5.5M9.5 11V7M12.5 11V3',
  semantic_model: 'M8 2v3M8 11v3M2 8h3M11 8h3M5 8a3 3 0 1 0 6 0 3 3 0 1 0-6 0',
  saved_query: 'M4 2h8v12L8 11l-4 3z',
  function: 'M11.5 2.5c-2.5-.5-3 .5-3.3 2.5L6.8 11.5c-.3 2-1.3 2.5-3.3 2M5 6.5h6',
  analysis: 'M6.8 2.5a4.3 4.3 0 1 0 0 8.6 4.3 4.3 0 1 0 0-8.6M10 10l4 4',
  macro: 'M5.5 2.5c-2 0-1.5 1.5-1.5 3S3 8 2 8c1 0 2 1 2 2.5s-.5 3 1.5 3M10.5 2.5c2 0 1.5 1.5 1.5 3S13 8 14 8c-1 0-2 1-2 2.5s.5 3-1.5 3',
  test: 'M6 2h4M6.8 2v4L2.9 12.4c-.5.9 0 1.6.9 1.6h8.4c.9 0 1.4-.7.9-1.6L9.2 6V2M4.8 10h6.4',
  folder: 'M2 4.2c0-.7.5-1.2 1.2-1.2h2.9l1.5 1.7h5.2c.7 0 1.2.5 1.2 1.2v5.9c0 .7-.5 1.2-1.2 1.2H3.2c-.7 0-1.2-.5-1.2-1.2z',
  overview: 'M2.5 7.3 8 2.5l5.5 4.8M4 6.5V13h8V6.5M6.7 13V9.5h2.6V13',
  lineage: 'M4.5 4.5C8 4.5 8 8 11.5 8M4.5 11.5C8 11.5 8 8 11.5 8M3 3h1.5v3H3zM3 10h1.5v3H3zM11.5 6.5H13v3h-1.5z',
  runs: 'M2.5 3.5h6M5 8h7M8.5 12.5h5M2.5 2v12',
  diagnostics: 'M8 2.2 14.3 13H1.7zM8 6.3v3.2M8 11.3v.2',
  search: 'M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 1 0 0-9M10.3 10.3 14 14',
  menu: 'M2.5 4.5h11M2.5 8h11M2.5 11.5h11',
  close: 'M4 4l8 8M12 4l-8 8',
  light: 'M8 5.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 1 0 0-5.6M8 1.5v1.2M8 13.3v1.2M1.5 8h1.2M13.3 8h1.2M3.4 3.4l.8.8M11.8 11.8l.8.8M3.4 12.6l.8-.8M11.8 4.2l.8-.8',
  dark: 'M13.3 9.6A5.7 5.7 0 0 1 6.4 2.7a5.7 5.7 0 1 0 6.9 6.9z',
  auto: 'M8 2a6 6 0 1 0 0 12A6 6 0 1 0 8 2zM8 2v12M8 5.5h5M8 8h6M8 10.5h5',
  right: 'M6 3.5 10.5 8 6 12.5',
  out: 'M6.5 3.5h-3v9h9v-3M9 3h4v4M13 3 7.5 8.5',
  list: 'M5.5 4h8M5.5 8h8M5.5 12h8M2.5 4h.2M2.5 8h.2M2.5 12h.2',
} as const;

export type IconName = keyof typeof PATHS;

/** A small drawing that says nothing by itself: text beside it does. */
export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
  return (
    <svg class={`icon icon-${name}`} width={size} height={size} viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}

/** The drawing of a kind of node, in its colour. */
export function TypeIcon({ type, size = 16 }: { type: NodeType | 'macro' | 'test'; size?: number }) {
  return (
    <span class={`type type-${type}`}>
      <Icon name={type} size={size} />
    </span>
  );
}

const MARKS: Readonly<Record<Health, string>> = {
  pass: 'M5 8.3l2.1 2.1L11.2 6',
  warn: 'M8 4.8v4M8 11v.3',
  fail: 'M5.6 5.6l4.8 4.8M10.4 5.6l-4.8 4.8',
  skip: 'M5 8h6',
  none: '',
};

/** What a state is called beside its mark. */
export const HEALTH_WORDS: Readonly<Record<Health, string>> = { pass: 'passed', warn: 'warned', fail: 'failed', skip: 'skipped', none: 'never run' };

/** A state as a mark whose shape tells as much as its colour. `word`: what it reads; empty where text beside it says the same. */
export function Mark({ health, word = HEALTH_WORDS[health] }: { health: Health; word?: string }) {
  const shape = health === 'warn' ? <path class="disc" d="M8 1.3 15.3 14.3H.7z" /> : <circle class="disc" cx="8" cy="8" r="6.7" />;
  return (
    <span class={`mark mark-${health}`} {...(word === '' ? { 'aria-hidden': 'true' } : { role: 'img', 'aria-label': word, title: word })}>
      <svg width="14" height="14" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
        {shape}
        <path class="sign" d={MARKS[health]} />
      </svg>
    </span>
  );
}
