/** dml's own version; a test holds it against package.json. */
export const VERSION = '0.1.0';

/** The dbt version that projects and packages may rely on: what `require-dbt-version` and `dbt_version` are answered with. */
export const DBT_VERSION = '1.11.16';

/** What `--version` prints: tools take the first number with two dots for the version. */
export function versionText(): string {
  return `dml ${VERSION}\nreads projects of dbt ${DBT_VERSION}\n`;
}
