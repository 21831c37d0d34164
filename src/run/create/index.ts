export { type CreatedTest, createUnitTest } from './create.ts';
export { entryLines, type WrittenTest } from './entry.ts';
export type { Recipe } from './find.ts';
