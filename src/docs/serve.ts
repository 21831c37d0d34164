import fs from 'node:fs';
import http from 'node:http';
import { type AddressInfo, isIP } from 'node:net';
import path from 'node:path';
import zlib from 'node:zlib';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.gif': 'image/gif',
  '.webp': 'image/webp',
  '.sql': 'text/plain; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.md': 'text/plain; charset=utf-8',
};

/** Where a page hears of changes: beside the page, in whatever folder it is. */
const LIVE = 'dml-live';
/** For pages that have no policy of their own. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'";
const HEADERS = {
  'cache-control': 'no-cache',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
};

/** A running file server; `port` is the one it got. */
export interface Served {
  readonly port: number;
  /** Tells open pages that the files are new. */
  changed(): void;
  close(): Promise<void>;
}

/**
 * Serves the web files of a folder, read only, and nothing outside of it: other kinds of files, such as the database itself, are not found, nor are those
 * whose names begin with a dot. Who asks by a name that is neither an address, nor `localhost`, nor `host` is refused: a page of somewhere else could have
 * made its own name lead here. Port 0: any free one.
 */
export function serveFolder(dir: string, host: string, port: number): Promise<Served | { readonly problem: string; readonly taken: boolean }> {
  const root = fs.realpathSync(dir);
  const listeners = new Set<http.ServerResponse>();
  const server = http.createServer((request, response) => {
    if (!knownHost(request.headers.host, host))
      refuse(response, 421, 'this name does not belong to the documentation: use its address, or name it with --host');
    else if (request.method !== 'GET' && request.method !== 'HEAD') refuse(response, 405, 'there is nothing to write here', { allow: 'GET, HEAD' });
    else if (request.url?.endsWith(`/${LIVE}`)) listen(response, listeners);
    else answer(root, request, response);
  });
  return new Promise((resolve) => {
    server.once('error', (error: NodeJS.ErrnoException) => resolve({ problem: error.message, taken: error.code === 'EADDRINUSE' }));
    server.listen(port, host, () =>
      resolve({
        port: (server.address() as AddressInfo).port,
        changed: () => {
          for (const listener of listeners) listener.write('event: change\ndata:\n\n');
        },
        close: () => closed(server),
      }),
    );
  });
}

function closed(server: http.Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}

/** Whether a request means this server. An address cannot be made to lead elsewhere, as a name can. */
function knownHost(header: string | undefined, own: string): boolean {
  const name = /^(\[[^\]]*\]|[^:]*)(?::\d+)?$/.exec(header ?? '')?.[1]?.toLowerCase();
  if (name === undefined) return false;
  return name === 'localhost' || name === own.toLowerCase() || isIP(name.replace(/^\[(.*)\]$/, '$1')) !== 0;
}

function refuse(response: http.ServerResponse, status: number, why: string, more: http.OutgoingHttpHeaders = {}): void {
  response.writeHead(status, { ...HEADERS, ...more, 'content-type': 'text/plain; charset=utf-8' }).end(`${why}\n`);
}

function listen(response: http.ServerResponse, listeners: Set<http.ServerResponse>): void {
  response.writeHead(200, { ...HEADERS, 'content-type': 'text/event-stream' }).flushHeaders();
  listeners.add(response);
  response.on('close', () => listeners.delete(response));
}

function answer(root: string, request: http.IncomingMessage, response: http.ServerResponse): void {
  const found = fileOf(root, request.url ?? '/');
  if (found === undefined) {
    refuse(response, 404, 'not found');
    return;
  }
  const { type, size, mtimeMs, content } = found;
  const coding = /^image\/(?!svg)/.test(type) || size < SMALL ? undefined : codingOf(request.headers['accept-encoding']);
  const etag = `"${size.toString(36)}-${Math.round(mtimeMs * 1000).toString(36)}${coding ? `-${coding.name}` : ''}"`;
  const page = type.startsWith('text/html') ? livePage(content.toString()) : undefined;
  // What is no page runs no scripts, not even where it is opened by itself: a picture may be an SVG of anyone.
  const policy = page === undefined ? "default-src 'none'; style-src 'unsafe-inline'; sandbox" : `${policyOf(page)}; frame-ancestors 'none'`;
  const headers = { ...HEADERS, etag, vary: 'accept-encoding', 'content-security-policy': policy };
  if (request.headers['if-none-match'] === etag) {
    response.writeHead(304, headers).end();
    return;
  }
  const plain = page === undefined ? content : Buffer.from(page);
  const body = coding ? coding.pack(plain) : plain;
  response.writeHead(200, { ...headers, ...(coding && { 'content-encoding': coding.name }), 'content-type': type, 'content-length': body.length });
  response.end(request.method === 'HEAD' ? undefined : body);
}

/** Bytes below which packing saves nothing. */
const SMALL = 1024;

interface Coding {
  readonly name: string;
  readonly pack: (text: Buffer) => Buffer;
}

const CODINGS: readonly Coding[] = [
  { name: 'br', pack: (text) => zlib.brotliCompressSync(text, { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 4 } }) },
  { name: 'gzip', pack: (text) => zlib.gzipSync(text) },
];

/** How a text is packed for a browser; undefined where it takes neither way. */
function codingOf(accepted: string | string[] | undefined): Coding | undefined {
  const taken = String(accepted ?? '')
    .toLowerCase()
    .split(',')
    .map((part) => part.replace(/\s/g, ''))
    .filter((part) => !/;q=0(?:\.0*)?$/.test(part))
    .map((part) => part.replace(/;.*/, ''));
  return CODINGS.find(({ name }) => taken.includes(name));
}

interface Found {
  readonly type: string;
  readonly size: number;
  readonly mtimeMs: number;
  readonly content: Buffer;
}

/** The file that an address names, read whole and at once, as it may be replaced at any time; undefined where there is none, or none that may be read. */
function fileOf(root: string, url: string): Found | undefined {
  try {
    const asked = decodeURIComponent(new URL(url, 'http://localhost').pathname);
    if (/(?:^|[\\/])\./.test(asked)) return undefined;
    const file = fs.realpathSync(path.join(root, asked.endsWith('/') ? `${asked}index.html` : asked));
    const type = TYPES[path.extname(file).toLowerCase()];
    const stat = fs.statSync(file);
    if (type === undefined || !file.startsWith(root + path.sep) || !stat.isFile()) return undefined;
    return { type, size: stat.size, mtimeMs: stat.mtimeMs, content: fs.readFileSync(file) };
  } catch {
    return undefined;
  }
}

/** A page that knows where to hear of changes. */
function livePage(page: string): string {
  return page.replace(/<head>/i, (head) => `${head}<meta name="dml-live" content="${LIVE}">`);
}

/** The policy that a page gives itself. */
function policyOf(page: string): string {
  return /http-equiv="Content-Security-Policy"\s+content="([^"]*)"/i.exec(page)?.[1] ?? POLICY;
}
