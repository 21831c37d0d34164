import { YamlFloat } from '../text/index.ts';
import type { Json, JsonMap } from './manifest.ts';

// How values of one key met on several levels combine (dbt's merge behaviours). Every other key: the later value wins.
const APPEND: ReadonlySet<string> = new Set(['tags', 'packages', 'pre-hook', 'post-hook']);
const UPDATE: ReadonlySet<string> = new Set(['meta', 'docs', 'column_types', 'quoting', 'contract']);

export type ConfigDraft = Record<string, Json>;

const NODE = {
  enabled: true,
  alias: null,
  schema: null,
  database: null,
  tags: [],
  meta: {},
  group: null,
  static_analysis: null,
} satisfies ConfigDraft;

const RELATIONAL = {
  ...NODE,
  materialized: 'view',
  incremental_strategy: null,
  batch_size: null,
  lookback: 1,
  begin: null,
  persist_docs: {},
  'post-hook': [],
  'pre-hook': [],
  quoting: {},
  column_types: {},
  full_refresh: null,
  unique_key: null,
  on_schema_change: 'ignore',
  on_configuration_change: 'apply',
  grants: {},
  packages: [],
  docs: { show: true, node_color: null },
  contract: { enforced: false, alias_types: true },
  event_time: null,
  concurrent_batches: null,
} satisfies ConfigDraft;

const SNAPSHOT_COLUMNS = { dbt_valid_to: null, dbt_valid_from: null, dbt_scd_id: null, dbt_updated_at: null, dbt_is_deleted: null };

/** The configuration a resource starts with, by kind: keys and values as manifest v12 holds them. */
export const defaults = {
  model: { ...RELATIONAL, access: 'protected', freshness: null },
  analysis: RELATIONAL,
  operation: RELATIONAL,
  function: { ...RELATIONAL, materialized: 'function', type: 'scalar', volatility: null, runtime_version: null, entry_point: null },
  seed: { ...RELATIONAL, materialized: 'seed', delimiter: ',', quote_columns: null },
  snapshot: {
    ...RELATIONAL,
    materialized: 'snapshot',
    strategy: null,
    target_schema: null,
    target_database: null,
    updated_at: null,
    check_cols: null,
    snapshot_meta_column_names: SNAPSHOT_COLUMNS,
    dbt_valid_to_current: null,
  },
  test: {
    ...NODE,
    schema: 'dbt_test__audit',
    materialized: 'test',
    severity: 'ERROR',
    store_failures: null,
    store_failures_as: null,
    where: null,
    limit: null,
    fail_calc: 'count(*)',
    warn_if: '!= 0',
    error_if: '!= 0',
  },
  source: {
    enabled: true,
    event_time: null,
    freshness: { warn_after: { count: null, period: null }, error_after: { count: null, period: null }, filter: null },
    loaded_at_field: null,
    loaded_at_query: null,
    meta: {},
    tags: [],
    static_analysis: null,
  },
  exposure: { enabled: true, tags: [], meta: {} },
  unit_test: { tags: [], meta: {}, enabled: true, static_analysis: null },
} satisfies Record<string, ConfigDraft>;

export type ConfigKind = keyof typeof defaults;

export function listed(v: Json): readonly Json[] {
  return isList(v) ? v : [v];
}

export function isJsonMap(v: Json | undefined): v is JsonMap {
  return typeof v === 'object' && v !== null && !Array.isArray(v) && !(v instanceof YamlFloat);
}

function isList(v: Json): v is readonly Json[] {
  return Array.isArray(v);
}

/** Both spellings of the hook keys mean the dashed one. */
function spelled(key: string): string {
  if (key === 'pre_hook') return 'pre-hook';
  if (key === 'post_hook') return 'post-hook';
  return key;
}

/** Applies one level of configuration over what earlier levels gave, key by key; changes `into`. */
export function applyConfig(into: ConfigDraft, level: JsonMap): void {
  for (const [name, value] of Object.entries(level)) {
    const key = spelled(name);
    const before = into[key];
    if (APPEND.has(key)) into[key] = value === null ? (before ?? []) : [...(before === undefined || before === null ? [] : listed(before)), ...listed(value)];
    else if (UPDATE.has(key)) into[key] = isJsonMap(value) ? { ...(isJsonMap(before) ? before : {}), ...value } : value === null ? (before ?? {}) : value;
    else if (key === 'grants') into[key] = isJsonMap(value) ? mergeGrants(isJsonMap(before) ? before : {}, value) : value;
    else into[key] = value;
  }
}

/** `+privilege` extends the grantees of the levels above, `privilege` replaces them. */
function mergeGrants(before: JsonMap, level: JsonMap): JsonMap {
  const out: Record<string, Json> = {};
  for (const [k, v] of Object.entries(before)) out[k] = listed(v);
  for (const [k, v] of Object.entries(level)) {
    const extend = k.startsWith('+');
    const privilege = extend ? k.slice(1) : k;
    out[privilege] = extend ? [...listed(out[privilege] ?? []), ...listed(v)] : listed(v);
  }
  return out;
}

/** Several `config()` calls of one file add up by the same rules. The first stays as written, as `unrendered_config` shows it; grants keep their `+` for the final merge. */
export function addConfigCall(calls: ConfigDraft, call: JsonMap): void {
  if (Object.keys(calls).length === 0) {
    for (const [name, value] of Object.entries(call)) calls[spelled(name)] = value;
    return;
  }
  const { grants, ...rest } = call;
  applyConfig(calls, rest);
  if (grants !== undefined) calls.grants = isJsonMap(grants) ? grantLists(isJsonMap(calls.grants) ? calls.grants : {}, grants) : grants;
}

function grantLists(before: JsonMap, call: JsonMap): JsonMap {
  const out: ConfigDraft = Object.fromEntries(Object.entries(before).map(([k, v]) => [k, listed(v)]));
  for (const [k, v] of Object.entries(call)) out[k] = [...(k.startsWith('+') ? listed(out[k] ?? []) : []), ...listed(v)];
  return out;
}

/**
 * The levels of one config tree of a dbt_project.yml that apply to a node, outermost first: the tree itself, then the subtree of each name of
 * the fqn in turn. In a level, `+key` is always a setting; a bare key is one unless its value is a mapping (then it names a folder).
 */
export function treeLevels(tree: JsonMap, fqn: readonly string[]): JsonMap[] {
  const levels = [levelOf(tree)];
  let at: JsonMap = tree;
  for (const name of fqn) {
    const below = at[name];
    if (!isJsonMap(below)) break;
    levels.push(levelOf(below));
    at = below;
  }
  return levels;
}

function levelOf(tree: JsonMap): JsonMap {
  const out: ConfigDraft = {};
  for (const [key, value] of Object.entries(tree)) {
    if (key.startsWith('+')) out[key.slice(1).trim()] = value;
    else if (!isJsonMap(value)) out[key] = value;
  }
  return out;
}

/** One hook in dbt's shape. A string that is a JSON object (as the hook helper macros print) is read as one. */
export function hookOf(v: Json): JsonMap {
  if (isJsonMap(v)) return { sql: v.sql ?? '', transaction: v.transaction ?? true, index: v.index ?? null };
  const text = String(v);
  if (text.trimStart().startsWith('{')) {
    try {
      const parsed: unknown = JSON.parse(text);
      if (typeof parsed === 'object' && parsed !== null && 'sql' in parsed) return hookOf(parsed as JsonMap);
    } catch {
      // Not JSON: SQL that happens to start with a brace.
    }
  }
  return { sql: text, transaction: true, index: null };
}

export interface Layers {
  readonly kind: ConfigKind;
  /** The node's own package's tree, then properties file, then `config()` calls, then (for installed packages) the root project's tree. */
  readonly own: JsonMap;
  readonly patch: JsonMap | undefined;
  readonly calls: JsonMap;
  readonly root: JsonMap | undefined;
  readonly fqn: readonly string[];
}

/**
 * The configurations of a project's nodes. Most nodes say nothing of their own: all of them below the same folder of the config tree share one object
 * (nobody changes a configuration once it is made).
 */
export class Configs {
  private readonly made = new Map<ConfigKind, WeakMap<JsonMap, ConfigDraft>>();
  private readonly written = new WeakMap<JsonMap, ConfigDraft>();

  /** {@link buildConfig} of the layers. */
  rendered(layers: Layers): ConfigDraft {
    if (!isPlain(layers)) return buildConfig(layers);
    let made = this.made.get(layers.kind);
    if (!made) this.made.set(layers.kind, (made = new WeakMap()));
    return remembered(made, layers, buildConfig);
  }

  /** {@link unrenderedConfig} of the layers. */
  unrendered(layers: Layers): ConfigDraft {
    return isPlain(layers) ? remembered(this.written, layers, unrenderedConfig) : unrenderedConfig(layers);
  }
}

/** Whether the package's tree alone says everything. */
function isPlain({ patch, calls, root }: Layers): boolean {
  return root === undefined && isEmpty(calls) && (patch === undefined || isEmpty(patch));
}

function isEmpty(map: JsonMap): boolean {
  for (const _ in map) return false;
  return true;
}

function remembered(into: WeakMap<JsonMap, ConfigDraft>, layers: Layers, make: (layers: Layers) => ConfigDraft): ConfigDraft {
  const folder = innermost(layers.own, layers.fqn);
  let found = into.get(folder);
  if (!found) into.set(folder, (found = make(layers)));
  return found;
}

/** The innermost subtree of a config tree that applies to a node. */
function innermost(tree: JsonMap, fqn: readonly string[]): JsonMap {
  let at = tree;
  for (const name of fqn) {
    const below = at[name];
    if (!isJsonMap(below)) break;
    at = below;
  }
  return at;
}

/** A node's configuration from all its layers, completed with defaults and with hooks in their long form. */
function buildConfig(layers: Layers): ConfigDraft {
  const out: ConfigDraft = { ...defaults[layers.kind] };
  applyLayers(out, layers);
  if (out['pre-hook'] !== undefined) out['pre-hook'] = listed(out['pre-hook']).map(hookOf);
  if (out['post-hook'] !== undefined) out['post-hook'] = listed(out['post-hook']).map(hookOf);
  if (typeof out.static_analysis === 'boolean') out.static_analysis = out.static_analysis ? 'on' : 'off';
  if (layers.kind === 'test') settleStoreFailures(out);
  if (isJsonMap(out.snapshot_meta_column_names)) out.snapshot_meta_column_names = { ...SNAPSHOT_COLUMNS, ...out.snapshot_meta_column_names };
  return out;
}

/** The same layers without defaults and without merging: what was written, the last one winning. Compared by `state:`. */
function unrenderedConfig(layers: Layers): ConfigDraft {
  const out: ConfigDraft = {};
  for (const level of treeLevels(layers.own, layers.fqn)) Object.assign(out, level);
  Object.assign(out, layers.patch, layers.calls);
  if (layers.root) for (const level of treeLevels(layers.root, layers.fqn)) Object.assign(out, level);
  return out;
}

function applyLayers(out: ConfigDraft, { own, patch, calls, root, fqn }: Layers): void {
  for (const level of treeLevels(own, fqn)) applyConfig(out, level);
  if (patch) applyConfig(out, patch);
  applyConfig(out, calls);
  if (root) for (const level of treeLevels(root, fqn)) applyConfig(out, level);
}

/** `store_failures_as` rules over `store_failures` on whatever level each was given. */
function settleStoreFailures(out: ConfigDraft): void {
  if (out.store_failures_as === null || out.store_failures_as === undefined) {
    out.store_failures_as = out.store_failures === true ? 'table' : out.store_failures === false ? 'ephemeral' : null;
  } else out.store_failures = out.store_failures_as !== 'ephemeral';
}
