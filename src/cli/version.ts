/** dml's own version; a test holds it against package.json. */
export const VERSION = '0.1.0';

/** The dbt version that projects and packages may rely on: what `require-dbt-version` and `dbt_version` are answered with. */
export const DBT_VERSION = '1.11.16';

/** What `--version` prints: tools take the first number with two dots for the version. `asDbt`: called by the name `dbt`, of which they expect dbt's words. */
export function versionText(asDbt: boolean): string {
  if (!asDbt) return `dml ${VERSION}\nreads projects of dbt ${DBT_VERSION}\n`;
  return `Core:\n  - installed: ${DBT_VERSION}\n\nPlugins:\n  - duckdb: ${DBT_VERSION}\n  - postgres: ${DBT_VERSION}\n\nThis is dml ${VERSION}, which answers for dbt.\n`;
}

/** How dml names itself in the first line of a command. */
export function greeting(asDbt: boolean): string {
  return asDbt ? `Running with dbt=${DBT_VERSION} (dml ${VERSION})` : `Running with dml=${VERSION}`;
}
