/** dml as a library: projects as objects, and commands in the calling process with everything of the process given as an argument. */

export { main } from './cli/main.ts';
export { createProject, type Metrics, type Project, ProjectError, type ProjectOptions, type Run, type RunOptions, type SelectOptions } from './cli/project.ts';
export type { Output, World } from './cli/world.ts';
export type { ListedMetric, MetricsRequest } from './metrics/index.ts';
export type { Manifest } from './resolve/index.ts';
export type { Event, NodeResult, RunReport, Status } from './run/index.ts';
export type { Diagnostic } from './text/index.ts';
