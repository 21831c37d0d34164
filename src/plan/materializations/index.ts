import type { Materialization } from '../materialization.ts';
import { clone } from './clone.ts';
import { incremental } from './incremental.ts';
import { seed } from './seed.ts';
import { snapshot } from './snapshot.ts';
import { table } from './table.ts';
import { test } from './test.ts';
import { view } from './view.ts';

export { reportGaps } from './batch-ledger.ts';
export { createSchema } from './schema.ts';
export { seedColumns } from './seed.ts';
export { testStatement } from './test.ts';

/** The built-in materializations by name; `ephemeral` models have none, since they live in those that refer to them. */
export const materializations: Readonly<Record<string, Materialization>> = { view, table, incremental, seed, snapshot, test, clone };
