import fs from 'node:fs';

/** Milliseconds of rest after a change: editors and commands write several files at a time. */
const REST = 150;

/**
 * Calls back when something in the folders has changed and then rested, one call at a time. `folders` is asked again after every call: they come and go.
 * A folder that cannot be watched is passed over. Answers how to stop.
 */
export function watchFolders(folders: () => readonly string[], changed: () => Promise<void>): () => void {
  const watchers = new Map<string, fs.FSWatcher>();
  let timer: NodeJS.Timeout | undefined;
  let [busy, stopped] = [false, false];
  const stir = () => {
    clearTimeout(timer);
    if (!stopped) timer = setTimeout(settle, REST);
  };
  const settle = async () => {
    if (busy) {
      stir();
      return;
    }
    busy = true;
    try {
      await changed();
    } finally {
      busy = false;
      renew();
    }
  };
  const renew = () => {
    const wanted = new Set(stopped ? [] : folders());
    for (const [folder, watcher] of watchers) if (!wanted.has(folder)) forget(folder, watcher);
    for (const folder of wanted) {
      if (watchers.has(folder)) continue;
      try {
        const watcher = fs.watch(folder, stir);
        watcher.on('error', () => forget(folder, watcher));
        watchers.set(folder, watcher);
      } catch {
        // It is gone again, or the system watches no more.
      }
    }
  };
  const forget = (folder: string, watcher: fs.FSWatcher) => {
    watcher.close();
    watchers.delete(folder);
  };
  renew();
  return () => {
    stopped = true;
    clearTimeout(timer);
    renew();
  };
}
