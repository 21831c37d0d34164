import * as z from 'zod/mini';
import { duckdbOutput, postgresOutput } from '../../sql/index.ts';

// Any value may be a template, which is rendered before it is looked at.
const template = z.string().check(z.regex(/\{\{/));
/** The schema or a template, with the words that editors show. */
function optional(schema: z.ZodMiniType) {
  const said = z.globalRegistry.get(schema)?.description;
  const either = z.optional(z.union([schema, template]));
  return said === undefined ? either : either.check(z.describe(said));
}

/** The keys of an engine's output, each of which may be a template. */
function templated(shape: Readonly<Record<string, z.ZodMiniType>>): Record<string, z.ZodMiniOptional> {
  return Object.fromEntries(Object.entries(shape).map(([key, schema]) => [key, optional(schema)]));
}

const common = {
  threads: optional(z.int().check(z.positive(), z.describe('How many nodes are built at the same time. Default: 1.'))),
  schema: z.optional(z.string().check(z.describe('Where nodes go whose config names no schema.'))),
};
const duckdb = z.looseObject({ type: z.literal('duckdb'), ...common, ...templated(duckdbOutput().shape) });
const postgres = z.looseObject({
  type: z.literal('postgres'),
  ...common,
  ...templated(postgresOutput().shape),
  database: z.optional(z.string().check(z.describe('The one database of the project.'))),
  dbname: z.optional(z.string().check(z.describe('Another name of `database`.'))),
  pass: optional(z.union([z.string(), z.number()]).check(z.describe('Another name of `password`.'))),
});
// Other targets of the same profiles.yml may be other tools'.
const other = z.looseObject({ type: z.string().check(z.regex(/^(?!duckdb$|postgres$)/)) });
const output = z.union([duckdb, postgres, other]);

const profile = z.looseObject({
  target: z.optional(z.string().check(z.describe('The output used when --target is not given. Default: default.'))),
  outputs: z.record(z.string(), output),
});

/** profiles.yml: connections by profile and target. Values may be templates, so this is for editors; reading checks the chosen output after rendering. */
export const profilesSchema = z.catchall(z.object({ config: z.optional(z.record(z.string(), z.unknown())) }), profile);
