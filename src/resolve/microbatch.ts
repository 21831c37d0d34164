import type { Invocation } from '../context/index.ts';
import { type PyDateTime, PyError, parseIsoDatetime } from '../jinja/index.ts';
import type { Project } from '../read/index.ts';
import type { Span } from '../text/index.ts';
import type { Build, Draft } from './build.ts';
import type { JsonMap, Manifest, Node } from './manifest.ts';

const batchSizes = ['hour', 'day', 'month', 'year'] as const;
/** How long the batches of a microbatch model are. */
export type BatchSize = (typeof batchSizes)[number];

/** What the configuration of a microbatch model says. */
export interface Microbatch {
  /** Name of the column, as written. */
  readonly eventTime: string;
  /** Where the first batch may begin: what the clock shows, in microseconds since 1970. */
  readonly begin: bigint;
  readonly size: BatchSize;
  readonly lookback: number;
  /** Undefined: as the engine and the template allow. */
  readonly concurrent: boolean | undefined;
}

const FLAG = 'require_batched_execution_for_custom_microbatch_strategy';
const MACRO = 'get_incremental_microbatch_sql';

function isMicrobatch(node: Pick<Node, 'config' | 'resource_type'>): boolean {
  const { config } = node;
  return node.resource_type === 'model' && config.materialized === 'incremental' && config.incremental_strategy === 'microbatch';
}

/** Whether microbatch models are built in batches: not where the project has a strategy of that name of its own, unless a flag says that it is made for batches. */
function usesBatches(project: Project, { registry }: Invocation): boolean {
  if (project.root.config.flags[FLAG] === true) return true;
  return ![...registry.packageNames()].some((name) => !registry.isInternal(name) && registry.package(name).has(MACRO));
}

/** The settings of a model that is built in batches; undefined for every other node. */
export function microbatchOf(node: Node, manifest: Pick<Manifest, 'project'>, invocation: Invocation): Microbatch | undefined {
  if (!isMicrobatch(node) || !usesBatches(manifest.project, invocation)) return undefined;
  const { config } = node;
  const begin = beginOf(config);
  // What a check of the manifest has refused is never run.
  if (begin === undefined) return undefined;
  return {
    eventTime: String(config.event_time),
    begin: begin.localMicros(),
    size: config.batch_size as BatchSize,
    lookback: typeof config.lookback === 'number' ? config.lookback : 1,
    concurrent: typeof config.concurrent_batches === 'boolean' ? config.concurrent_batches : undefined,
  };
}

function beginOf({ begin }: JsonMap): PyDateTime | undefined {
  if (typeof begin !== 'string') return undefined;
  try {
    return parseIsoDatetime(begin);
  } catch (e) {
    if (e instanceof PyError) return undefined;
    throw e;
  }
}

/** Reports what is wrong with microbatch models, and brings their `begin` to the form the manifest holds. Wants the graph linked. */
export function checkMicrobatches(b: Build): void {
  const models = [...b.nodes.values()].filter(isMicrobatch);
  if (models.length === 0) return;
  if (!usesBatches(b.project, b.invocation)) {
    b.sink.add('microbatch-macro', { macro: MACRO });
    return;
  }
  for (const model of models) {
    checkConfig(b, model);
    checkInputs(b, model);
  }
  const { dialect } = b.invocation;
  const forced = [...b.nodes.values()].filter((n) => n.config.concurrent_batches === true).length;
  if (!dialect.can.concurrentBatches && forced > 0) b.sink.add('microbatch-concurrency', { count: forced, adapter: dialect.name });
}

function placeOf(b: Build, node: Node): Span {
  return b.places.get(node)?.get('entry') ?? node.at;
}

function checkConfig(b: Build, node: Node): void {
  const { config, name } = node;
  const at = placeOf(b, node);
  const wrong = (key: string, problem: string, hint?: string): void =>
    b.sink.add('microbatch-config', { node: name, key, problem, ...(hint !== undefined && { hint }) }, { at });
  const shown = (key: string): string => JSON.stringify(config[key]);
  if (config.event_time === null) wrong('event_time', 'needs `event_time`: the column that says when a row happened');
  else if (typeof config.event_time !== 'string') wrong('event_time', `has an \`event_time\` that is no text: ${shown('event_time')}`);
  const begin = beginOf(config);
  if (config.begin === null) wrong('begin', 'needs `begin`: the time of the earliest batch', "for example begin='2024-01-01'");
  else if (begin === undefined) wrong('begin', `has a \`begin\` that is no time: ${shown('begin')}`, "write it as '2024-01-31' or '2024-01-31T12:00:00'");
  else (node as Draft<Node>).config = { ...config, begin: begin.isoformat() };
  if (!batchSizes.some((size) => size === config.batch_size))
    wrong(
      'batch_size',
      config.batch_size === null ? 'needs `batch_size`' : `has an unknown \`batch_size\`: ${shown('batch_size')}`,
      `one of ${batchSizes.join(', ')}`,
    );
  if (config.lookback !== null && !Number.isInteger(config.lookback)) wrong('lookback', `has a \`lookback\` that is no whole number: ${shown('lookback')}`);
  if (config.concurrent_batches !== null && typeof config.concurrent_batches !== 'boolean')
    wrong('concurrent_batches', `has \`concurrent_batches\` that is neither true nor false: ${shown('concurrent_batches')}`);
}

function checkInputs(b: Build, node: Node): void {
  let timed = false;
  for (const id of node.depends_on.nodes) {
    const input = b.nodes.get(id) ?? b.sources.get(id);
    const value = input?.config.event_time;
    if (!input || value === null || value === undefined || value === '' || value === false || value === 0) continue;
    timed = true;
    if (typeof value !== 'string')
      b.sink.add('microbatch-input-type', { node: node.name, input: input.name, value: JSON.stringify(value) }, { at: placeOf(b, node) });
  }
  if (!timed) b.sink.add('microbatch-input', { node: node.name }, { at: placeOf(b, node) });
}
