import { duckdb } from '../../sql/index.ts';
import type { Adapter } from '../adapter.ts';
import { isSecret } from './open.ts';

const SHOWN = ['attach', 'config_options', 'extensions', 'filesystems', 'plugins', 'remote', 'use_credential_provider'];

/** dbt shows templates these settings whole; what a name says is a secret stays out, at any depth. */
function withoutSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).flatMap(([key, v]) => (isSecret(key) ? [] : [[key, withoutSecrets(v)]])));
}

/** DuckDB, embedded: files, `:memory:` and what its extensions reach. */
export const duckdbAdapter: Adapter = {
  dialect: duckdb,
  visible(target) {
    const { path, external_root, is_ducklake } = target.settings;
    return {
      ...Object.fromEntries(SHOWN.map((key) => [key, withoutSecrets(target.settings[key] ?? null)])),
      settings: withoutSecrets(target.settings['settings'] ?? {}),
      path: path ?? ':memory:',
      database: target.database,
      external_root: external_root ?? '.',
      disable_transactions: target.settings['disable_transactions'] === true,
      ...(is_ducklake !== undefined && { is_ducklake }),
    };
  },
  // The driver's binary costs some 60 ms to load: only commands that connect pay for it.
  async connect(target, options) {
    return (await import('./warehouse.ts')).openWarehouse(target, options);
  },
};
