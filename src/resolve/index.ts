export { findRef, findSource } from './find.ts';
export { type BuiltinFile, registryOf } from './macros.ts';
export type * from './manifest.ts';
export { nodeRelation } from './nodes.ts';
export { type ParsedFiles, resolve } from './resolve.ts';
export { renderKwargs } from './tests.ts';
