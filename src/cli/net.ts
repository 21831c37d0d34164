import path from 'node:path';
import type { Fetch } from '../read/index.ts';
import type { World } from './world.ts';

/** Milliseconds that one request may take. */
const TIMEOUT = 60_000;

/** GET, following redirects; throws where no answer comes. `etag`: of the copy that is there, which the server need not send again (status 304). */
export async function get(url: string, signal: AbortSignal, etag?: string): ReturnType<Fetch> {
  const headers = { accept: '*/*', ...(etag !== undefined && { 'if-none-match': etag }) };
  const reply = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT)]), headers });
  return { status: reply.status, body: new Uint8Array(await reply.arrayBuffer()), etag: reply.headers.get('etag') ?? undefined };
}

/** Where what was fetched is kept between runs, by kind; absolute. */
export function cacheDir(world: World, kind: 'packages' | 'projects'): string {
  return path.join(world.env['XDG_CACHE_HOME'] || path.join(world.home, '.cache'), 'dml', kind);
}
