import { Dict, fromJs, type Value } from '../jinja/index.ts';
import type { Target } from '../sql/index.ts';

/** The keys of an output that templates may see besides the ones of every target: none that holds a secret. */
const visible = new Set([
  'path',
  'host',
  'port',
  'user',
  'role',
  'search_path',
  'sslmode',
  'connect_timeout',
  'keepalives_idle',
  'application_name',
  'retries',
  'dbname',
  'config_options',
  'extensions',
  'settings',
  'external_root',
  'attach',
  'disable_transactions',
]);

/** `target` as templates of configuration files see it. */
export function templateTarget(target: Target): Value {
  const out = new Dict();
  for (const [key, value] of Object.entries(target.settings)) if (visible.has(key)) out.set(key, fromJs(value));
  if (target.type === 'postgres') out.set('dbname', target.database);
  const own = {
    type: target.type,
    threads: target.threads,
    name: target.name,
    target_name: target.name,
    profile_name: target.profileName,
    database: target.database,
    schema: target.schema,
  };
  for (const [key, value] of Object.entries(own)) out.set(key, value);
  return out;
}
