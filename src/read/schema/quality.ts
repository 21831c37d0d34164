import * as z from 'zod/mini';

const text = (about: string) => z.string().check(z.describe(about));
const texts = (about: string) => z.array(z.string()).check(z.describe(about));
const maybe = (about: string) => z.nullable(z.string()).check(z.describe(about));
const count = (about: string) => z.int().check(z.nonnegative(), z.describe(about));
const score = z
  .nullable(z.number().check(z.minimum(0), z.maximum(100)))
  .check(z.describe('0 to 100: the weight of what passed in the weight of all that ran; null where nothing ran'));
const cell = z.nullable(z.union([z.string(), z.number(), z.boolean()]));

const counts = {
  passed: count('Tests that passed'),
  warned: count('Tests that ended in a warning'),
  failed: count('Tests that failed'),
  errored: count('Tests whose query could not be run'),
  skipped: count('Tests that were not run'),
};

const test = z.strictObject({
  unique_id: text('Id of the test'),
  name: text('Name of the test'),
  kind: z.enum(['data', 'unit']),
  generic: maybe('The generic test it is made from, such as `unique`; null for the others'),
  column: maybe('The column it looks at'),
  description: text('What its YAML says'),
  status: z.enum(['pass', 'warn', 'fail', 'error', 'skipped']),
  severity: z.enum(['error', 'warn']),
  blocking: z.boolean().check(z.describe('Whether its failure keeps what is built from its model from being built')),
  failures: z.nullable(z.int()).check(z.describe('Failing rows, or what `fail_calc` makes of them')),
  message: maybe('What is to be said of it'),
  seconds: z.number().check(z.describe('How long it took')),
  owner: maybe('Whom to ask: `meta: {owner: …}` of the test, else the owner of its model'),
  tags: texts('Tags of the test'),
  path: text('The file it is written in'),
  line: count('The line there'),
  sql: maybe('Its compiled SQL; null where it passed'),
  rows: z
    .nullable(z.strictObject({ columns: z.array(z.string()), rows: z.array(z.array(cell)) }))
    .check(z.describe('Some of its failing rows; values of columns with `meta: {pii: true}` are ***')),
  difference: maybe('How the rows of a unit test differ from the expected ones'),
  failing_since: maybe('The first of the reports up to this one in which it has failed without a break'),
});

const model = z.strictObject({
  unique_id: text('Id of the model, seed, snapshot or source'),
  name: text('Its name'),
  resource_type: text('model, seed, snapshot or source'),
  description: text('What its YAML says'),
  path: text('Its file'),
  owner: maybe('Whom to ask: `meta: {owner: …}`, else the owner of its group'),
  tags: texts('Its tags'),
  score,
  ...counts,
  history: z.array(z.strictObject({ at: z.string(), score })).check(z.describe('Its scores in earlier reports and this one, oldest first')),
  upstream: texts('Ids of what it is built from, nearest first'),
  downstream: texts('Ids of what is built from it, nearest first'),
  tests: z.array(test),
});

/** The JSON quality report (`dml test --report`), version 1: fields are only added within a version. */
export const qualitySchema = z.strictObject({
  version: z.literal(1),
  generated_at: text('When, in ISO format, UTC'),
  invocation_id: text('Id of the run'),
  dml_version: text('Version of dml'),
  command: text('The command that ran, such as `test`'),
  project: text('Name of the project'),
  target: text('Name of the target'),
  seconds: z.number().check(z.describe('How long the run took')),
  score,
  ...counts,
  models: z.array(model).check(z.describe('All that was tested, the lowest score first')),
  freshness: z
    .array(
      z.strictObject({
        unique_id: z.string(),
        name: z.string(),
        status: z.string(),
        max_loaded_at: z.string(),
        checked_at: z.string(),
        age_seconds: z.number(),
      }),
    )
    .check(z.describe('What the last `dml source freshness` found, where its sources.json is there')),
  history: z.array(z.strictObject({ at: z.string(), score, ...counts })).check(z.describe('Earlier reports and this one, oldest first')),
});

/** What a quality report holds. */
export type QualityReport = z.infer<typeof qualitySchema>;
