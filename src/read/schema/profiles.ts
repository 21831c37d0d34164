import * as z from 'zod/mini';

const output = z.looseObject({
  type: z.string().check(z.describe('The adapter: duckdb, postgres.')),
  threads: z.optional(z.union([z.int().check(z.positive()), z.string()])),
  schema: z.optional(z.string()),
  database: z.optional(z.string()),
  path: z.optional(z.string().check(z.describe('DuckDB: the database file, relative to the current folder, or :memory:.'))),
});

const profile = z.looseObject({
  target: z.optional(z.string().check(z.describe('The output used when --target is not given. Default: default.'))),
  outputs: z.record(z.string(), output),
});

/** profiles.yml: connections by profile and target. Values may be templates, so this is for editors; reading checks the chosen output after rendering. */
export const profilesSchema = z.catchall(z.object({ config: z.optional(z.record(z.string(), z.unknown())) }), profile);
