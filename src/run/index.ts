export { catalogOf } from './catalog.ts';
export { hasFreshness } from './freshness.ts';
export { inlineNode } from './inline.ts';
export { operate } from './operation.ts';
export { type ColumnProfile, profile, type TableProfile } from './profile.ts';
export type * from './report.ts';
export { run } from './run.ts';
export type { RunSettings, SqlKeeper } from './settings.ts';
export { type Limit, show } from './show.ts';
