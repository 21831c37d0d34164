import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { adapterFor, type ConnectOptions, type Warehouse } from '../../../src/adapters/index.ts';
import type { Target } from '../../../src/sql/index.ts';

/** A folder of its own for one test. */
export const folder = (): string => mkdtempSync(join(tmpdir(), 'dml-test-'));

export function target(settings: Record<string, unknown> = {}): Target {
  return { profileName: 'shop', name: 'dev', type: 'duckdb', threads: 2, database: 'memory', schema: 'main', settings: { type: 'duckdb', ...settings } };
}

export async function open(settings: Record<string, unknown> = {}, options: Partial<ConnectOptions> = {}): Promise<Warehouse> {
  const adapter = await adapterFor('duckdb');
  if (!adapter) throw new Error('no adapter');
  return adapter.connect(target(settings), { directory: folder(), ...options });
}
