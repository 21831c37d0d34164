import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.sql': 'text/plain; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.md': 'text/plain; charset=utf-8',
};

/** A running file server; `port` is the one it got. */
export interface Served {
  readonly port: number;
  close(): Promise<void>;
}

/** Serves the web files of a folder, read only, and nothing outside of it: other kinds of files, such as the database itself, are not found. */
export function serveFolder(dir: string, host: string, port: number): Promise<Served | { readonly problem: string }> {
  const root = fs.realpathSync(dir);
  const server = http.createServer((request, response) => {
    const file = request.method === 'GET' || request.method === 'HEAD' ? fileOf(root, request.url ?? '/') : undefined;
    const type = file === undefined ? undefined : TYPES[path.extname(file).toLowerCase()];
    if (file === undefined || type === undefined) {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('not found\n');
      return;
    }
    response.writeHead(200, { 'content-type': type, 'cache-control': 'no-cache', 'x-content-type-options': 'nosniff' });
    if (request.method === 'HEAD') response.end();
    else
      fs.createReadStream(file)
        .on('error', () => response.destroy())
        .pipe(response);
  });
  return new Promise((resolve) => {
    server.once('error', (error) => resolve({ problem: error.message }));
    server.listen(port, host, () => resolve({ port: (server.address() as AddressInfo).port, close: () => closed(server) }));
  });
}

function closed(server: http.Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}

function fileOf(root: string, url: string): string | undefined {
  try {
    const asked = decodeURIComponent(new URL(url, 'http://localhost').pathname);
    const file = fs.realpathSync(path.join(root, asked.endsWith('/') ? `${asked}index.html` : asked));
    return file.startsWith(root + path.sep) && fs.statSync(file).isFile() ? file : undefined;
  } catch {
    return undefined;
  }
}
