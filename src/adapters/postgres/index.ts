import { postgres } from '../../sql/index.ts';
import type { Adapter } from '../adapter.ts';

const SHOWN = ['host', 'port', 'user', 'role', 'search_path', 'connect_timeout', 'keepalives_idle', 'sslmode', 'application_name', 'retries'] as const;

/** PostgreSQL over the network or a Unix socket. */
export const postgresAdapter: Adapter = {
  dialect: postgres,
  visible(target) {
    const shown = Object.fromEntries(SHOWN.flatMap((key) => (target.settings[key] === undefined ? [] : [[key, target.settings[key]]])));
    return { ...shown, database: target.database, dbname: target.database };
  },
  // Only commands that connect pay for loading the driver.
  async connect(target, options) {
    return (await import('./warehouse.ts')).openWarehouse(target, options);
  },
};
