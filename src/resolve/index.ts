export { findFunction, findRef, findSource } from './find.ts';
export { withKeys } from './foreign-keys.ts';
export { type BuiltinFile, registryOf } from './macros.ts';
export type * from './manifest.ts';
export { type BatchSize, type Microbatch, microbatchOf } from './microbatch.ts';
export { nodeRelation } from './nodes.ts';
export { type ParsedFiles, resolve } from './resolve.ts';
export { renderKwargs } from './tests.ts';
export { macroValue, modelDict, resourceValue } from './value.ts';
