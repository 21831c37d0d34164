import { useEffect } from 'preact/hooks';

/** How long content that loads late may move the place that a page returns to, in milliseconds. */
const SETTLE = 1500;

/**
 * Remembers how far each entry of the history was scrolled. A page entered by a link starts at its top, or at the element that `section` names; a page
 * returned to stands where it was left, as soon as its content is long enough.
 */
export function useScroll(address: string, section: string | undefined): void {
  useEffect(() => {
    history.scrollRestoration = 'manual';
    const key: unknown = history.state?.['scroll'];
    const known = typeof key === 'string' ? remembered(key) : undefined;
    const own = typeof key === 'string' ? key : Math.random().toString(36).slice(2);
    if (own !== key) history.replaceState({ scroll: own }, '');
    const stop = known === undefined && section !== undefined ? untilThere(() => reveal(section)) : untilThere(() => reach(known ?? 0));
    // A page that is left shrinks before it is gone, and that is no scrolling of the reader's.
    const keep = () => history.state?.['scroll'] === own && remember(own, scrollY);
    const user = () => stop();
    addEventListener('scroll', keep, { passive: true });
    for (const event of ['wheel', 'touchstart', 'keydown'] as const) addEventListener(event, user, { passive: true });
    return () => {
      stop();
      removeEventListener('scroll', keep);
      for (const event of ['wheel', 'touchstart', 'keydown'] as const) removeEventListener(event, user);
    };
  }, [address, section]);
}

/** Tries in every frame, until it succeeds, the reader scrolls, or time is up. */
function untilThere(attempt: () => boolean): () => void {
  const end = performance.now() + SETTLE;
  let frame = 0;
  const step = () => {
    if (!attempt() && performance.now() < end) frame = requestAnimationFrame(step);
  };
  step();
  return () => cancelAnimationFrame(frame);
}

function reach(top: number): boolean {
  scrollTo({ top, behavior: 'instant' });
  return Math.abs(scrollY - top) < 2;
}

function reveal(section: string): boolean {
  const element = document.getElementById(section);
  element?.scrollIntoView({ behavior: 'instant', block: 'start' });
  return element !== null;
}

const store = 'dml-docs-scroll:';

function remembered(key: string): number | undefined {
  try {
    const text = sessionStorage.getItem(store + key);
    return text === null ? undefined : Number(text);
  } catch {
    return undefined;
  }
}

/** Storage may be forbidden, as for files in some browsers: then a page returned to starts at its top. */
function remember(key: string, top: number): void {
  try {
    sessionStorage.setItem(store + key, String(Math.round(top)));
  } catch {}
}
