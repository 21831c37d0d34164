export { type BatchTime, batchesOf, batchOf } from './batches.ts';
export { type Argument, type DictArgument, type Macros, type Materialization, MODEL, type Outcome, type Task } from './materialization.ts';
export { createSchema, materializations, reportGaps, seedColumns, testStatement } from './materializations/index.ts';
export { type Plan, type PlanKind, plan, type Step } from './plan.ts';
export { type Asked, type Nothing, type Scanned, type Shape, scan, shapeOf } from './scans/index.ts';
export { csvRecords, inspectCsv } from './seeds/index.ts';
export type { Member, Planned } from './test-edges.ts';
