import { setTimeout as pause } from 'node:timers/promises';
import { scrub } from '../context/index.ts';
import { slackMessage } from '../report/index.ts';
import type { NodeResult, RunReport } from '../run/index.ts';
import { Diagnostics, diagnostic, type Span } from '../text/index.ts';
import { type Context, exitCode, OK } from './context.ts';
import { resultsFor } from './routes.ts';
import type { Opened } from './session.ts';

/** Pauses in milliseconds before each further try. */
const PAUSES = [500, 1000, 2000, 4000];
/** Milliseconds that a try may take, and the longest pause that a server may ask for. */
const TIMEOUT = 10_000;
const LONGEST = 60_000;

/** A notification that is due. */
interface Due {
  /** The environment variable that holds the address. */
  readonly variable: string;
  /** Where it is asked for. */
  readonly at?: Span;
  /** The results that it is about; undefined: all of the run's. */
  readonly about?: readonly NodeResult[];
}

/**
 * Tells of a run the webhook in DML_NOTIFY_URL, where `--notify` wants it to know, and those of dml.yml of the results that they want to know of. What goes wrong
 * is a warning and changes nothing.
 */
export async function notify(c: Context, opened: Opened, run: RunReport): Promise<void> {
  const { flags, world } = c;
  const when = String(flags.values.get('notify') ?? 'failure');
  if (when === 'never' || run.interrupted || run.results.length === 0) return;
  const general: Due[] = world.env['DML_NOTIFY_URL'] && isWanted(run, when) ? [{ variable: 'DML_NOTIFY_URL' }] : [];
  await Promise.all([...general, ...routed(c, opened, run)].map((due) => deliver(c, opened, run, due)));
}

function routed(c: Context, { project, manifest }: Opened, run: RunReport): readonly Due[] {
  return (project.settings.notifications ?? []).flatMap((route): readonly Due[] => {
    const problems = new Diagnostics();
    const { at, url_env: variable } = route;
    const about = resultsFor(route, run, manifest, problems);
    for (const { message, hint } of problems.all) c.console.tell(diagnostic('notify-select', { problem: message }, { at, hint }));
    return about.length > 0 ? [{ variable, at, about }] : [];
  });
}

async function deliver({ flags, world, console }: Context, opened: Opened, run: RunReport, { variable, at, about }: Due): Promise<void> {
  const address = world.env[variable] ?? '';
  const problem = problemOf(address);
  if (problem !== undefined) return console.tell(diagnostic('notify-url', { variable, problem }, { at }));
  const body = scrub(slackMessage(run, flags.command, opened.project.target.name, { manifest: opened.manifest }, about), world.env);
  const sent = await send(address, body, world.signal, (milliseconds) => pause(milliseconds, undefined, { signal: world.signal }).catch(() => undefined));
  if (sent.cause === undefined) return;
  console.tell(diagnostic('notify-failed', { host: new URL(address).host, variable, tries: sent.tries }, { at, cause: sent.cause }));
}

function isWanted(run: RunReport, when: string): boolean {
  if (when === 'always') return true;
  return exitCode(run) !== OK || (when === 'warning' && run.results.some((r) => r.status === 'warn'));
}

/** What is wrong with an address, without telling it: it is a secret. */
function problemOf(address: string): string | undefined {
  if (address === '') return 'it is not set';
  if (!URL.canParse(address)) return 'it is no whole address';
  const { protocol, username, password } = new URL(address);
  if (protocol !== 'https:' && protocol !== 'http:') return `it begins with ${protocol}`;
  return username + password === '' ? undefined : 'it holds a name or password before the @';
}

/** How often a message was sent, and why it was not taken; no cause where it was. */
interface Sent {
  readonly tries: number;
  readonly cause?: string;
}

/** Posts a JSON text to a webhook, and once more after what may pass: 429, 5xx, no connection, no answer in time. `wait`: for milliseconds. */
export async function send(address: string, body: string, signal: AbortSignal, wait: (milliseconds: number) => Promise<void>): Promise<Sent> {
  for (let tries = 1; ; tries++) {
    const { cause, again } = await post(address, body, signal);
    if (cause === undefined) return { tries };
    const usual = PAUSES[tries - 1];
    if (again === undefined || usual === undefined || again > LONGEST || signal.aborted) return { tries, cause };
    await wait(Math.max(usual, again));
  }
}

/** One try. `again`: where it may be tried again, the milliseconds that the server asks to wait. */
async function post(address: string, body: string, signal: AbortSignal): Promise<{ readonly cause?: string; readonly again?: number }> {
  try {
    const reply = await fetch(address, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
      // The address was given to this one place: another one that it names is not.
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT)]),
    });
    await reply.body?.cancel();
    if (reply.ok) return {};
    const cause = `it answered with status ${reply.status}`;
    const passing = reply.status === 429 || reply.status >= 500;
    return passing ? { cause, again: 1000 * (Number.parseFloat(reply.headers.get('retry-after') ?? '') || 0) } : { cause };
  } catch (e) {
    return { cause: reason(e), again: 0 };
  }
}

/** Why there was no answer, in a word of the system's. Its whole text may hold the address. */
function reason(e: unknown): string {
  const { name, cause } = e as Error;
  if (name === 'TimeoutError') return `no answer within ${TIMEOUT / 1000} seconds`;
  const code = (cause as NodeJS.ErrnoException | undefined)?.code;
  return code === undefined ? 'no connection' : `no connection (${code})`;
}
