import { useEffect, useState } from 'preact/hooks';

/** `auto` follows the system. */
export type Theme = 'auto' | 'light' | 'dark';

const key = 'dml-docs-theme';

/** The theme of the last visit; applied before the first paint. */
export function applyTheme(): Theme {
  const theme = stored();
  set(theme);
  return theme;
}

/** The chosen theme, and what chooses another. */
export function useTheme(): readonly [Theme, (theme: Theme) => void] {
  const [theme, choose] = useState(stored);
  return [
    theme,
    (next) => {
      try {
        localStorage.setItem(key, next);
      } catch {}
      set(next);
      choose(next);
    },
  ];
}

/** Counts changes of the colours that a canvas has to follow by hand. */
export function useColours(): number {
  const [changes, count] = useState(0);
  useEffect(() => {
    const changed = () => count((n) => n + 1);
    const system = matchMedia('(prefers-color-scheme: dark)');
    const watch = new MutationObserver(changed);
    watch.observe(document.documentElement, { attributeFilter: ['data-theme'] });
    system.addEventListener('change', changed);
    return () => {
      watch.disconnect();
      system.removeEventListener('change', changed);
    };
  }, []);
  return changes;
}

function set(theme: Theme): void {
  if (theme === 'auto') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme;
}

/** Storage may be forbidden or hold anything. */
function stored(): Theme {
  try {
    const text = localStorage.getItem(key);
    return text === 'light' || text === 'dark' ? text : 'auto';
  } catch {
    return 'auto';
  }
}
