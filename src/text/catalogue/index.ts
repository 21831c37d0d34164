import { cli } from './cli.ts';
import { context } from './context.ts';
import type { Entry } from './entry.ts';
import { graph } from './graph.ts';
import { jinja } from './jinja.ts';
import { metrics } from './metrics.ts';
import { microbatch } from './microbatch.ts';
import { packages } from './packages.ts';
import { project } from './project.ts';
import { projects } from './projects.ts';
import { quality } from './quality.ts';
import { run } from './run.ts';
import { state } from './state.ts';
import { unit } from './unit.ts';
import { warehouse } from './warehouse.ts';

/** Every diagnostic dml can print, by code. Codes are kebab names, unique, and stay as they are once released. */
export const catalogue = {
  ...project,
  ...graph,
  ...jinja,
  ...warehouse,
  ...cli,
  ...context,
  ...run,
  ...packages,
  ...microbatch,
  ...metrics,
  ...state,
  ...quality,
  ...projects,
  ...unit,
};

export type Code = keyof typeof catalogue;
export type Params<C extends Code> = (typeof catalogue)[C] extends Entry<infer P> ? P : never;
