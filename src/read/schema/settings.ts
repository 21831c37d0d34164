import * as z from 'zod/mini';

const texts = (about: string) => z.optional(z.array(z.string()).check(z.describe(about)));

/** Who else is told of a run. What is told is what all of the keys that are there agree on. */
const route = z.strictObject({
  url_env: z.string().check(z.describe('The environment variable that holds the address of the webhook.')),
  statuses: z.optional(z.array(z.enum(['fail', 'error', 'warn', 'skipped'])).check(z.describe('Results with one of these. Default fail and error.'))),
  owners: texts('Results of what one of these owns: names or addresses, in any case, with * for any characters.'),
  tags: texts('Results of what has one of these tags, and of tests of it.'),
  select: texts('Results of what these select, as --select does.'),
});

/** dml.yml: dml's own settings, all optional. */
export const settingsSchema = z.strictObject({
  failures: z.optional(z.int().check(z.nonnegative(), z.describe('Failing rows shown for each failed test. Default 5.'))),
  lockTimeout: z.optional(z.number().check(z.nonnegative(), z.describe('Seconds to wait for a locked database file. Default 0.'))),
  notifications: z.optional(z.array(route).check(z.describe('Webhooks that are told of some results of a run.'))),
});

/** A notification as dml.yml has it. */
export type NotificationShape = z.infer<typeof route>;

/** The keys of a notification. */
export const routeKeys: readonly string[] = Object.keys(route.def.shape);
