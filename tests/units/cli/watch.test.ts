import { EventEmitter, once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { watchFolders } from '../../../src/cli/watch.ts';
import { folder } from './world.ts';

const { dir, remove } = folder();
const stops: (() => void)[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
  remove();
  fs.mkdirSync(dir);
});

/** Folders below and with `dir`. */
const folders = () => [dir, ...fs.readdirSync(dir, { withFileTypes: true }).flatMap((e) => (e.isDirectory() ? [path.join(dir, e.name)] : []))];
const files = () => fs.readdirSync(dir, { recursive: true, encoding: 'utf8' }).sort();

/** Watches `dir`; `seen(names)` waits until a call has found just these files. */
function watching(changed: () => void = () => undefined) {
  const calls = new EventEmitter();
  const errors: unknown[] = [];
  let found: readonly string[] = [];
  const stop = watchFolders({
    folders,
    changed: async () => {
      changed();
      found = files();
      calls.emit('call');
    },
    broken: (error) => {
      errors.push(error);
      calls.emit('broken');
    },
  });
  stops.push(stop);
  const seen = async (names: readonly string[]) => {
    while (found.join() !== names.join()) await once(calls, 'call');
  };
  return { seen, errors, broken: () => once(calls, 'broken') };
}

test('what is written as watching begins is seen, and so is what is written into a folder that is new', async () => {
  const { seen, errors } = watching();
  fs.writeFileSync(path.join(dir, 'a.sql'), '');
  await seen(['a.sql']);
  fs.mkdirSync(path.join(dir, 'more'));
  await seen(['a.sql', 'more']);
  fs.writeFileSync(path.join(dir, 'more/b.sql'), '');
  await seen(['a.sql', 'more', path.join('more', 'b.sql')]);
  fs.rmSync(path.join(dir, 'more'), { recursive: true });
  await seen(['a.sql']);
  expect(errors).toEqual([]);
});

test('what is thrown while a change is looked at is told once, and ends it', async () => {
  let calls = 0;
  const { errors, broken } = watching(() => {
    calls++;
    throw new Error('no');
  });
  await broken();
  expect(errors).toEqual([new Error('no')]);
  const other = watching();
  fs.writeFileSync(path.join(dir, 'a.sql'), '');
  await other.seen(['a.sql']);
  expect({ calls, errors: errors.length }).toEqual({ calls: 1, errors: 1 });
});

test('so is what is thrown while folders are looked for', async () => {
  const { seen, broken, errors } = watching(() => fs.rmSync(dir, { recursive: true }));
  const told = broken();
  fs.writeFileSync(path.join(dir, 'a.sql'), '');
  await Promise.race([told, seen(['never'])]);
  expect(errors).toEqual([expect.objectContaining({ code: 'ENOENT' })]);
});
