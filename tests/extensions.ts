// DuckDB's extensions for tests, as files of exactly the engine's version. They are looked for in the folder DML_TEST_EXTENSIONS, laid out as DuckDB's
// own `extension_directory`; what is missing there is fetched with `python3 -m pip download`. Without the variable these tests are skipped.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';

/** Where the extensions are, or why they cannot be had. */
export type Extensions = { readonly directory: string } | { readonly reason: string };

/** The extensions of these names, ready to be loaded. */
export async function extensions(...names: readonly string[]): Promise<Extensions> {
  const directory = process.env['DML_TEST_EXTENSIONS'];
  const skipped = (reason: string) => {
    console.warn(`SKIPPED (DuckDB extensions ${names.join(', ')}): ${reason}`);
    return { reason };
  };
  if (!directory) return skipped('set DML_TEST_EXTENSIONS to a folder that has them or that they can be fetched into');
  try {
    const instance = await DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    const [[version, platform] = []] = (
      await connection.runAndReadAll('select library_version, platform from pragma_version(), pragma_platform()')
    ).getRowsJS();
    connection.closeSync();
    const files = path.join(path.resolve(directory), String(version), String(platform));
    for (const name of names) if (!fs.existsSync(path.join(files, `${name}.duckdb_extension`))) fetchInto(files, name, String(version).replace(/^v/, ''));
    return { directory: path.resolve(directory) };
  } catch (error) {
    return skipped(error instanceof Error ? error.message : String(error));
  }
}

/** Each extension is a wheel of its own, with the file below a folder named after the engine's version. */
function fetchInto(folder: string, name: string, version: string): void {
  const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'dml-extension-'));
  const quiet = { stdio: 'pipe', timeout: 300_000 } as const;
  execFileSync('python3', ['-m', 'pip', 'download', '-q', '--no-deps', '-d', scratch, `duckdb-extension-${name.replaceAll('_', '-')}==${version}`], quiet);
  const [wheel = ''] = fs.readdirSync(scratch);
  execFileSync('python3', ['-m', 'zipfile', '-e', path.join(scratch, wheel), scratch], quiet);
  const file = fs.readdirSync(scratch, { recursive: true, encoding: 'utf8' }).find((f) => f.endsWith(`${name}.duckdb_extension`));
  if (file === undefined) throw new Error(`the wheel ${wheel} holds no ${name}.duckdb_extension`);
  fs.mkdirSync(folder, { recursive: true });
  fs.copyFileSync(path.join(scratch, file), path.join(folder, `${name}.duckdb_extension`));
  fs.rmSync(scratch, { recursive: true, force: true });
}
