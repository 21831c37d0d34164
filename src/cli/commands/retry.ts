import fs from 'node:fs';
import path from 'node:path';
import type { Window } from '../../compile/index.ts';
import type { JsonMap } from '../../resolve/index.ts';
import type { BatchResults } from '../../run/index.ts';
import { type PreviousResults, readResults } from '../../state/index.ts';
import { Diagnostics, diagnostic, fail } from '../../text/index.ts';
import { type Context, OK, type Retry, report, UNUSABLE } from '../context.ts';
import { resolveFlags } from '../flags.ts';
import { type CommandHelp, type Given, globalOptions } from '../options.ts';

/** Commands that can be tried again: those that run nodes, and those that compile them. */
const RETRYABLE: ReadonlySet<string> = new Set(['build', 'compile', 'clone', 'docs generate', 'seed', 'snapshot', 'test', 'run', 'run-operation']);

const FAILED: ReadonlySet<string> = new Set(['error', 'fail', 'skipped', 'runtime error', 'partial success']);

/** Settings that are those of this command line and not of the one before. */
const OWN: ReadonlySet<string> = new Set(['log-path', 'profiles-dir', 'project-dir', 'defer-state', 'target-path', 'warn-error']);
const OVERRIDES = ['vars', 'threads'];

/** Runs the last command again, with its flags, for what failed in it or was skipped. */
export async function run(c: Context): Promise<number> {
  const sink = new Diagnostics();
  const dir = folderOf(c);
  const previous = readLast(c, dir, sink);
  if (!report(c, sink.all) || !previous) return UNUSABLE;
  const which = String(previous.args['which'] ?? '');
  const command = c.commands.find((k) => k.words.at(-1) === which && RETRYABLE.has(k.words.join(' ')));
  if (!command) fail('retry-impossible', { problem: `\`${which}\`, the command before, cannot be tried again` });
  const statuses = c.flags.warnings.event('LogTestResult', 'Q007') === 'error' ? new Set([...FAILED, 'warn']) : FAILED;
  const operation = which === 'run-operation';
  const failed = previous.results.filter((r) => statuses.has(r.status) && (operation || !r.id.startsWith('operation.')));
  if (operation && failed.length === 0) return OK;
  const retry: Retry = { ids: new Set(failed.map((r) => r.id)), batches: batchesOf(previous), startedAt: startOf(previous) };
  const flags = resolveFlags({
    command,
    given: givenOf(command, previous.args, c),
    env: c.world.env,
    project: {},
    projectDir: c.flags.projectDir,
    argv: ['retry'],
    argument: textOf(previous.args['macro']),
  });
  return c.run(command, { ...c, flags, argument: textOf(previous.args['macro']), retry });
}

function folderOf(c: Context): string {
  const state = c.flags.values.get('state');
  return typeof state === 'string' ? state : (c.flags.targetPath ?? c.targetPath ?? 'target');
}

function readLast(c: Context, dir: string, sink: Diagnostics): PreviousResults | undefined {
  const file = path.resolve(c.flags.projectDir, dir, 'run_results.json');
  if (fs.existsSync(file)) return readResults(fs.readFileSync(file, 'utf8'), path.relative(c.flags.projectDir, file), sink);
  sink.push(
    diagnostic('state-missing', {
      problem: `Could not find previous run in '${dir}' target directory`,
      hint: 'there is no run_results.json: run a command first',
    }),
  );
  return undefined;
}

/** The flags of the command before as if they were typed, with the few that this command line may change. */
function givenOf(command: CommandHelp, args: JsonMap, c: Context): Given {
  const given = new Map<string, string | boolean | readonly string[]>();
  for (const option of [...globalOptions, ...command.options]) {
    const { name } = option;
    // The two cannot be given together, and what is typed now counts.
    if (name === 'warn-error-options' && c.flags.values.has('warn-error')) continue;
    const value = OWN.has(name) ? c.flags.values.get(name) : args[name.replaceAll('-', '_')];
    const text = optionText(value, option.type === 'switch', option.type === 'list');
    if (text !== undefined) given.set(name, text);
  }
  for (const name of OVERRIDES) {
    const value = c.given.get(name);
    if (value !== undefined) given.set(name, value);
  }
  return given;
}

/** A value of run_results.json as it stands on a command line; undefined where it says nothing. */
function optionText(value: unknown, isSwitch: boolean, isList: boolean): string | boolean | readonly string[] | undefined {
  if (value === null || value === undefined) return undefined;
  if (isSwitch) return typeof value === 'boolean' ? value : undefined;
  if (isList) return Array.isArray(value) && value.length > 0 ? value.map(String) : undefined;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** Microbatch models some of whose batches were built: only the others are built again. */
function batchesOf(previous: PreviousResults): ReadonlyMap<string, BatchResults> {
  const windows = (list: readonly (readonly [string, string])[]): readonly Window[] =>
    list.map(([start, end]) => ({ start: microsOf(start), end: microsOf(end) }));
  return new Map(
    previous.results.flatMap((r) => {
      const { successful, failed } = r.batches ?? { successful: [], failed: [] };
      return successful.length > 0 && failed.length > 0 ? [[r.id, { successful: windows(successful), failed: windows(failed) }] as const] : [];
    }),
  );
}

function microsOf(iso: string): bigint {
  return BigInt(Date.parse(/(Z|[+-]\d\d:\d\d)$/.test(iso) ? iso : `${iso}Z`)) * 1000n;
}

function startOf(previous: PreviousResults): number | undefined {
  const at = Date.parse(previous.startedAt ?? '');
  return Number.isNaN(at) ? undefined : at;
}
