export type { Addition } from './deps/add.ts';
export { installPackages } from './deps/deps.ts';
export type { DepsWorld, Reply } from './deps/world.ts';
export type { ConfigTree, DmlSettings, FileKind, InputFile, NotificationRoute, Package, Project, ProjectConfig } from './project.ts';
export { type ReadOptions, read, readVars } from './read.ts';
export { isTemplate, Renderer, type RenderScope } from './render.ts';
export type { QualityReport } from './schema/quality.ts';
export type { Fetch, Upstream, UpstreamModel } from './upstream.ts';
export { type PropertiesCheck, propertiesCheck, validateProperties } from './validate.ts';
