import { setTimeout as wait } from 'node:timers/promises';
import { type Addition, type DepsWorld, installPackages, readVars } from '../../read/index.ts';
import { Diagnostics } from '../../text/index.ts';
import { type Context, checked, FAILED, greet, OK, refuse, report, UNUSABLE } from '../context.ts';
import { cacheDir, get } from '../net.ts';
import { DBT_VERSION } from '../version.ts';

/** Installs the packages that the project lists. */
export async function run(c: Context): Promise<number> {
  const added = addition(c);
  if (typeof added === 'number') return added;
  greet(c);
  const { flags, world } = c;
  const vars = checked(c, (sink) => readVars(flags.vars, sink));
  if (!vars) return UNUSABLE;
  const deps: DepsWorld = {
    projectDir: flags.projectDir,
    env: world.env,
    vars,
    cacheDir: cacheDir(world, 'packages'),
    offline: flags.values.get('offline') === true,
    dbtVersion: flags.versionCheck ? DBT_VERSION : undefined,
    get: (url) => get(url, world.signal),
    wait: async (milliseconds) => wait(milliseconds, undefined, { signal: world.signal }),
    say: (name, code, message, data, level) => c.console.say(name, code, message, data, level),
  };
  const options = { upgrade: flags.values.get('upgrade') === true, lockOnly: flags.values.get('lock') === true, add: added };
  const sink = new Diagnostics();
  let installed = false;
  try {
    installed = await installPackages(deps, options, sink);
  } catch (e) {
    if (!world.signal.aborted) throw e;
    // Nothing was put in place yet: an interrupt can only stop the fetching.
    return FAILED;
  }
  return report(c, sink.all) && installed ? OK : UNUSABLE;
}

/** `--add-package`; an exit code where it cannot be used. */
function addition(c: Context): Addition | undefined | number {
  const asked = c.flags.values.get('add-package');
  if (typeof asked !== 'string') return undefined;
  const source = (c.flags.values.get('source') ?? 'hub') as Addition['source'];
  // Addresses such as git@host:owner/name have an @ of their own: then the last one counts, if a version can stand behind it.
  const at = asked.lastIndexOf('@');
  const version = at > 0 && !/[/:]/.test(asked.slice(at + 1)) ? asked.slice(at + 1) : undefined;
  const name = version === undefined ? asked : asked.slice(0, at);
  if (source === 'local') return { name: asked, version: undefined, source };
  if (version === undefined || version === '' || name === '')
    return refuse(
      c,
      `\`--add-package ${asked}\` has no version`,
      source === 'git' ? 'write ADDRESS@REVISION' : 'write NAME@VERSION, e.g. dbt-labs/dbt_utils@1.3.0',
    );
  return { name, version, source };
}
