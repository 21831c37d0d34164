import * as z from 'zod/mini';

/** dml.yml: dml's own settings, all optional. */
export const settingsSchema = z.strictObject({
  failures: z.optional(z.int().check(z.nonnegative(), z.describe('Failing rows shown for each failed test. Default 5.'))),
  lockTimeout: z.optional(z.number().check(z.nonnegative(), z.describe('Seconds to wait for a locked database file. Default 0.'))),
});
