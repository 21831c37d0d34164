import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** Gives the whole run one temporary directory, which the tests' own ones are made in, and deletes it in the end: nothing is left behind by a test that fails or is killed. */
export function setup(): () => void {
  const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'dml-tests-'));
  // A Postgres server that a test starts runs as another user where the tests run as root.
  fs.chmodSync(scratch, 0o755);
  process.env.TMPDIR = scratch;
  return () => fs.rmSync(scratch, { recursive: true, force: true, maxRetries: 3 });
}
