import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll } from 'vitest';
import { main } from '../../../src/cli/index.ts';
import type { World } from '../../../src/cli/world.ts';

const root = path.resolve(import.meta.dirname, '../../..');
const dirs: string[] = [];
afterAll(() => {
  for (const dir of dirs) fs.rmSync(dir, { recursive: true, force: true });
});

export interface Ran {
  readonly code: number;
  readonly text: string;
  /** Status by unique id without its type and package: `orders`, `unique_orders_id`. */
  readonly statuses: Readonly<Record<string, string>>;
  readonly results: Readonly<Record<string, Record<string, unknown>>>;
}

/** A project in a folder of its own, on a DuckDB file of its own, which dml runs on in this process. */
export class TestProject {
  readonly dir: string;
  constructor(files: Readonly<Record<string, string>>, settings = '') {
    this.dir = fs.mkdtempSync(path.join(os.tmpdir(), 'dml-run-'));
    dirs.push(this.dir);
    this.write({
      'dbt_project.yml': `name: shop\nversion: '1.0.0'\nprofile: shop\n${settings}`,
      'profiles.yml': 'shop:\n  target: dev\n  outputs:\n    dev: {type: duckdb, path: shop.duckdb, threads: 3}\n',
      ...files,
    });
  }

  write(files: Readonly<Record<string, string>>): void {
    for (const [name, text] of Object.entries(files)) {
      fs.mkdirSync(path.dirname(path.join(this.dir, name)), { recursive: true });
      fs.writeFileSync(path.join(this.dir, name), text);
    }
  }

  read(file: string): string {
    return fs.readFileSync(path.join(this.dir, file), 'utf8');
  }

  exists(file: string): boolean {
    return fs.existsSync(path.join(this.dir, file));
  }

  async dml(
    argv: readonly string[],
    options: { readonly signal?: AbortSignal; readonly onText?: (text: string) => void; readonly env?: Record<string, string> } = {},
  ): Promise<Ran> {
    let text = '';
    const write = (piece: string): void => {
      text += piece;
      options.onText?.(piece);
    };
    const world: World = {
      cwd: this.dir,
      env: options.env ?? {},
      home: this.dir,
      pid: process.pid,
      stdout: { write },
      stderr: { write },
      terminal: undefined,
      ask: undefined,
      now: () => performance.timeOrigin + performance.now(),
      every: (milliseconds, call) => {
        const timer = setInterval(call, milliseconds);
        return () => clearInterval(timer);
      },
      signal: options.signal ?? new AbortController().signal,
      invocationId: '00000000-0000-4000-8000-000000000000',
      templates: `${path.join(root, 'templates')}${path.sep}`,
      library: undefined,
    };
    fs.rmSync(path.join(this.dir, 'target/run_results.json'), { force: true });
    const code = await main(argv, world);
    const results: Record<string, Record<string, unknown>> = {};
    if (this.exists('target/run_results.json')) {
      for (const r of JSON.parse(this.read('target/run_results.json')).results as Record<string, unknown>[]) {
        const [, , ...words] = String(r['unique_id']).split('.');
        // Generic tests end in a hash of their arguments, which says nothing here.
        const name = (/^[0-9a-f]{10}$/.test(words.at(-1) ?? '') ? words.slice(0, -1) : words).join('.');
        results[name] = r;
      }
    }
    return { code, text, results, statuses: Object.fromEntries(Object.entries(results).map(([k, r]) => [k, String(r['status'])])) };
  }

  /** The rows of a query on the project's database. */
  async rows(sql: string): Promise<unknown[][]> {
    const instance = await DuckDBInstance.create(path.join(this.dir, 'shop.duckdb'));
    const connection = await instance.connect();
    try {
      return (await connection.runAndReadAll(sql)).getRowsJson() as unknown[][];
    } finally {
      connection.disconnectSync();
      instance.closeSync();
    }
  }
}
