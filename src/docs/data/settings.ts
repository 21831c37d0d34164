import { holds, type JsonMap } from './json.ts';

/** What dbt sets where nobody says anything, by key; and what pages show in a place of its own (undefined: always left out). */
const USUAL: Readonly<Record<string, readonly unknown[] | undefined>> = {
  enabled: [true],
  on_schema_change: ['ignore'],
  on_configuration_change: ['apply'],
  access: ['protected'],
  delimiter: [','],
  lookback: [1],
  severity: ['ERROR', 'error'],
  fail_calc: ['count(*)'],
  warn_if: ['!= 0'],
  error_if: ['!= 0'],
  tags: undefined,
  meta: undefined,
  docs: undefined,
  contract: undefined,
  group: undefined,
  owner: undefined,
};

/** A configuration without what was left at its usual value. */
export function settings(config: JsonMap): JsonMap {
  return Object.fromEntries(
    Object.entries(config).filter(([key, value]) => {
      if (!holds(value)) return false;
      return !(key in USUAL) || (USUAL[key] !== undefined && !USUAL[key].includes(value));
    }),
  );
}
