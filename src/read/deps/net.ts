import { fail } from '../../text/index.ts';
import type { DepsWorld } from './world.ts';

/** Pauses in milliseconds before each further try. */
const PAUSES = [300, 1000];

/** The body of an address; undefined for 404. Tries again after failures that may pass; throws `network-unreachable` in the end. */
export async function download(world: DepsWorld, url: string): Promise<Uint8Array | undefined> {
  if (world.offline) return fail('network-unreachable', { url, offline: true });
  let cause = '';
  for (const pause of [...PAUSES, undefined]) {
    try {
      const { status, body } = await world.get(url);
      if (status >= 200 && status < 300) return body;
      if (status === 404 || status === 410) return undefined;
      cause = `the server answered with status ${status}`;
      if (status < 500 && status !== 429 && status !== 408) break;
    } catch (e) {
      cause = reason(e);
    }
    if (pause !== undefined) await world.wait(pause);
  }
  return fail('network-unreachable', { url, offline: false }, { cause });
}

/** The innermost reason of a failed request: the outer one only says that it failed. */
function reason(e: unknown): string {
  if (!(e instanceof Error)) return String(e);
  if (e.cause instanceof Error) return reason(e.cause);
  const code = 'code' in e && typeof e.code === 'string' ? e.code : '';
  return e.message === '' ? code || e.name : e.message;
}
