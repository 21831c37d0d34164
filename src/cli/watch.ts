import fs from 'node:fs';

/** Milliseconds of rest after a change: editors and commands write several files at a time. */
const REST = 150;

/** What a watcher looks at and tells. */
export interface Watching {
  /** Asked again after every call: folders come and go. One that cannot be watched is passed over. */
  readonly folders: () => readonly string[];
  /** Something has changed and then rested, or may have before it was watched; one call at a time. */
  readonly changed: () => Promise<void>;
  /** One of the others has thrown: nothing is watched any more. */
  readonly broken: (error: unknown) => void;
}

/** Watches folders; answers how to stop. */
export function watchFolders({ folders, changed, broken }: Watching): () => void {
  const watchers = new Map<string, fs.FSWatcher>();
  let timer: NodeJS.Timeout | undefined;
  let [busy, stopped] = [false, false];
  const stir = () => {
    clearTimeout(timer);
    if (!stopped) timer = setTimeout(() => void settle(), REST);
  };
  const settle = async () => {
    if (busy) {
      stir();
      return;
    }
    busy = true;
    try {
      await changed();
      renew();
    } catch (error) {
      stop();
      broken(error);
    }
    busy = false;
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
        // What was written into it before this line has told nobody.
        stir();
      } catch {
        // It is gone again, or the system watches no more.
      }
    }
  };
  const forget = (folder: string, watcher: fs.FSWatcher) => {
    watcher.close();
    watchers.delete(folder);
  };
  const stop = () => {
    stopped = true;
    clearTimeout(timer);
    for (const [folder, watcher] of watchers) forget(folder, watcher);
  };
  renew();
  return stop;
}
