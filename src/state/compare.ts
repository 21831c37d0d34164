import type { Json, JsonMap, Manifest } from '../resolve/index.ts';
import type { Sink, Span } from '../text/index.ts';
import { type Inputs, mapOf, type PreviousManifest } from './artifacts.ts';
import { contractChange, removedContract } from './contract.ts';
import { same, shown } from './equal.ts';
import { inputChanges } from './inputs.ts';
import { firstDifference, sameMeaning } from './text.ts';

/** One way in which a node differs from what it was. */
export interface Change {
  readonly kind: 'new' | 'text' | 'config' | 'relation' | 'description' | 'path' | 'reference' | 'contract' | 'macro' | 'definition' | 'input';
  /** What differs, for people. */
  readonly detail: string;
  /** Only blanks, comments or words for people: the node builds the same. */
  readonly cosmetic?: true;
}

/** The parts of a node that can be compared by themselves. */
export type Part = 'body' | 'configs' | 'relation' | 'persisted_descriptions' | 'macros' | 'contract' | 'semantic';

/** What decides about what counts, besides the two manifests. */
export interface CompareSettings {
  /** The flag `state_modified_compare_more_unrendered_values`: sources are compared as they are written. */
  readonly moreUnrendered: boolean;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** The values that nodes are and were made with, where both are known. */
  readonly inputs?: { readonly now: Inputs; readonly before: Inputs } | undefined;
}

type Compared = { readonly id: string; readonly type: string; readonly now: JsonMap; readonly before: JsonMap | undefined; readonly at: Span | undefined };

/** What is executed, or has a relation: only these have a body, descriptions in the database, and a contract. */
const NODES: ReadonlySet<string> = new Set(['model', 'seed', 'snapshot', 'test', 'analysis', 'operation', 'function']);
const CONFIGURED: ReadonlySet<string> = new Set([...NODES, 'source', 'exposure', 'metric', 'semantic_model', 'saved_query']);
/** Settings that count elsewhere (as the relation) or not at all. */
const NOT_CONFIG: ReadonlySet<string> = new Set(['alias', 'schema', 'database', 'tags', 'group']);

/** The project against an earlier manifest. What dbt warns of when it compares goes to the sink, once. */
export class Comparison {
  private readonly manifest: Manifest;
  private readonly previous: PreviousManifest;
  private readonly settings: CompareSettings;
  private readonly sink: Sink;
  private readonly told = new Set<string>();
  private readonly own: ReadonlySet<string>;
  private tainted: ReadonlyMap<string, string | undefined> | undefined;

  constructor(manifest: Manifest, previous: PreviousManifest, settings: CompareSettings, sink: Sink) {
    this.manifest = manifest;
    this.previous = previous;
    this.settings = settings;
    this.sink = sink;
    this.own = new Set(manifest.project.packages.map((p) => p.name));
  }

  isNew(id: string): boolean {
    return !this.previous.nodes.has(id);
  }

  /** Everything that makes a node count as modified, as dbt has it; nothing where it does not. */
  changes(id: string): readonly Change[] {
    const c = this.find(id);
    return [...this.contents(c), ...this.macroChanges(c)];
  }

  /** The same, and the values from outside that dbt does not look at. */
  reasons(id: string): readonly Change[] {
    const { inputs } = this.settings;
    const given = inputs && !this.isNew(id) ? inputChanges(inputs.now.get(id), inputs.before.get(id)) : [];
    return [...this.changes(id), ...given.map((detail): Change => ({ kind: 'input', detail }))];
  }

  /** Whether one part of a node differs. What has no such part never does; what is new does in all it has. */
  differs(id: string, part: Part): boolean {
    const c = this.find(id);
    if (part === 'macros') return this.macroChanges(c).length > 0;
    if (part === 'semantic') return this.reasons(id).some((change) => change.cosmetic !== true);
    const has = part === 'configs' ? CONFIGURED.has(c.type) : part === 'relation' ? NODES.has(c.type) || c.type === 'source' : NODES.has(c.type);
    if (!has) return false;
    if (c.before === undefined) return true;
    const { before } = c;
    switch (part) {
      case 'body':
        return this.body(c, before).length > 0;
      case 'configs':
        return configs(c, before).length > 0;
      case 'relation':
        return this.relation(c, before).length > 0;
      case 'persisted_descriptions':
        return descriptions(c, before).length > 0;
      default:
        return this.contract(c, before).length > 0;
    }
  }

  /** Tells of contracts that have gone with their models. */
  checkRemoved(): void {
    for (const [id, before] of this.previous.nodes) {
      const disabled = this.manifest.disabled.get(id)?.[0];
      if (disabled === undefined && (before['resource_type'] !== 'model' || this.manifest.nodes.has(id))) continue;
      const gone = disabled === undefined ? before : (disabled as unknown as JsonMap);
      this.once(`removed ${id}`, () => removedContract(id, gone, this.settings.now, this.sink));
    }
  }

  private once(key: string, tell: () => void): void {
    if (this.told.has(key)) return;
    this.told.add(key);
    tell();
  }

  private find(id: string): Compared {
    const { nodes, sources, exposures, unitTests, others } = this.manifest;
    const before = this.previous.nodes.get(id);
    const resource = nodes.get(id) ?? sources.get(id) ?? exposures.get(id) ?? unitTests.get(id);
    // Resources have the shape that the manifest holds.
    if (resource) return { id, type: resource.resource_type, now: resource as unknown as JsonMap, before, at: resource.at };
    const json = others.metrics.get(id) ?? others.semanticModels.get(id) ?? others.savedQueries.get(id);
    return { id, type: id.slice(0, id.indexOf('.')), now: json ?? {}, before, at: undefined };
  }

  private contents(c: Compared): readonly Change[] {
    const { type, before } = c;
    // As dbt: a node and a unit test that are new count as modified, a source, an exposure or a metric does not.
    if (before === undefined) return NODES.has(type) || type === 'unit_test' ? [{ kind: 'new', detail: 'it was not there' }] : [];
    switch (type) {
      case 'unit_test':
        return same(c.now['checksum'], before['checksum']) ? [] : [{ kind: 'definition', detail: 'its rows, model or overrides' }];
      case 'source':
        return [
          ...this.relation(c, before),
          ...paths(c, before),
          ...configs(c, before),
          ...fields(c, before, ['quoting', 'freshness', 'loaded_at_field', 'external']),
        ];
      case 'exposure':
        return [...paths(c, before), ...configs(c, before), ...fields(c, before, EXPOSURE), ...dependencies(c, before)];
      case 'metric':
        return [...configs(c, before), ...fields(c, before, ['type', 'description', 'label'])];
      case 'semantic_model':
        return fields(c, before, SEMANTIC_MODEL);
      case 'saved_query':
        return [...fields(c, before, ['config', 'description', 'label', 'group', 'tags']), ...savedQuery(c, before)];
      default:
        return this.node(c, before);
    }
  }

  private node(c: Compared, before: JsonMap): readonly Change[] {
    const isGeneric = c.type === 'test' && c.now['test_metadata'] !== null && c.now['test_metadata'] !== undefined;
    if (isGeneric) return [...configs(c, before), ...paths(c, before)];
    return [
      ...this.body(c, before),
      ...configs(c, before),
      ...descriptions(c, before),
      ...paths(c, before),
      ...this.relation(c, before),
      ...this.contract(c, before),
      ...(c.type === 'model' ? references(c, before) : []),
      ...(c.type === 'function' ? fields(c, before, ['arguments', 'returns']) : []),
    ];
  }

  private body(c: Compared, before: JsonMap): readonly Change[] {
    const path = String(c.now['original_file_path']);
    if (c.type !== 'seed') return text(path, c.now['raw_code'], before['raw_code'] ?? before['raw_sql']);
    const [now, was] = [mapOf(c.now['checksum']), mapOf(before['checksum'])];
    const equal = same(now, was);
    if (now['name'] === 'path') {
      const seed = `${String(c.now['package_name'])}.${String(c.now['name'])}`;
      const what = was['name'] !== 'path' ? 'grown' : equal ? 'same-path' : 'moved';
      this.once(`seed ${c.id}`, () => this.sink.add('seed-big', { seed, what }, { at: c.at }));
    }
    return equal ? [] : [{ kind: 'text', detail: `${path}, the rows` }];
  }

  private relation(c: Compared, before: JsonMap): readonly Change[] {
    if (c.type === 'source') {
      const prefix = this.settings.moreUnrendered ? 'unrendered_' : '';
      return compared(c.now, before, [`${prefix}database`, `${prefix}schema`, 'identifier'], 'relation');
    }
    return compared(mapOf(c.now['unrendered_config']), mapOf(before['unrendered_config']), ['database', 'schema', 'alias'], 'relation');
  }

  private contract(c: Compared, before: JsonMap): readonly Change[] {
    if (c.type !== 'model') return [];
    const change = contractChange(c.now, before);
    if (!change) return [];
    if (change.breaking.length > 0) {
      const params = { name: String(c.now['name']), path: String(c.now['original_file_path']), changes: change.breaking };
      const versioned = c.now['version'] !== null && c.now['version'] !== undefined;
      this.once(`contract ${c.id}`, () => this.sink.add(versioned ? 'contract-broken-version' : 'contract-broken', params, { at: c.at }));
    }
    return [{ kind: 'contract', detail: change.detail }];
  }

  private macroChanges(c: Compared): readonly Change[] {
    const path = this.macroPath(mapOf(c.now['depends_on'])['macros']);
    return path === undefined ? [] : [{ kind: 'macro', detail: path.toReversed().join(' in ') }];
  }

  /** The way from the first of these macros that has changed, or calls one that has, to that one. */
  private macroPath(ids: Json | undefined): readonly string[] | undefined {
    this.tainted ??= callers(this.manifest, this.changedMacros());
    const first = list(ids).find((id) => this.tainted?.has(String(id)));
    if (first === undefined) return undefined;
    const path: string[] = [];
    for (let id: string | undefined = String(first); id !== undefined; id = this.tainted.get(id)) path.push(id.slice('macro.'.length));
    return path;
  }

  /** Macros whose text differs. Those of dml itself are no part of the project: dbt's have other texts. */
  private changedMacros(): readonly string[] {
    return [...this.manifest.macros.values()]
      .filter((macro) => this.own.has(macro.package_name) && this.previous.macros.get(macro.unique_id)?.['macro_sql'] !== macro.macro_sql)
      .map((macro) => macro.unique_id);
  }
}

/** These macros and all that call them, directly or through others; with each the next one on the way, undefined for the given ones. */
export function callers(manifest: Manifest, ids: readonly string[]): ReadonlyMap<string, string | undefined> {
  const found = new Map<string, string | undefined>(ids.map((id) => [id, undefined]));
  if (found.size === 0) return found;
  const above = new Map<string, string[]>();
  for (const macro of manifest.macros.values()) for (const id of macro.depends_on.macros) above.set(id, [...(above.get(id) ?? []), macro.unique_id]);
  for (const id of found.keys()) for (const caller of above.get(id) ?? []) if (!found.has(caller)) found.set(caller, id);
  return found;
}

function text(path: string, now: Json | undefined, before: Json | undefined): readonly Change[] {
  if (same(now, before)) return [];
  const [is, was] = [now, before].map((code) => (typeof code === 'string' ? code : ''));
  const cosmetic = sameMeaning(is ?? '', was ?? '');
  return [{ kind: 'text', detail: `${path}, ${cosmetic ? 'only blanks or comments' : firstDifference(is ?? '', was ?? '')}`, ...(cosmetic && { cosmetic }) }];
}

const EXPOSURE = ['type', 'owner', 'maturity', 'url', 'description', 'label'];
const SEMANTIC_MODEL = ['model', 'description', 'defaults', 'entities', 'dimensions', 'measures', 'config', 'primary_entity', 'group'];

function fields(c: Compared, before: JsonMap, keys: readonly string[]): readonly Change[] {
  return compared(c.now, before, keys, 'definition');
}

function compared(now: JsonMap, before: JsonMap, keys: readonly string[], kind: Change['kind']): readonly Change[] {
  return keys.flatMap((key) => (same(now[key] ?? null, before[key] ?? null) ? [] : [{ kind, detail: `${key}: ${shown(before[key])} -> ${shown(now[key])}` }]));
}

/** Settings are compared as they are written, so that what depends on the target does not count. */
function configs(c: Compared, old: JsonMap): readonly Change[] {
  if (c.type === 'semantic_model' || c.type === 'saved_query') return fields(c, old, ['config']);
  const now = mapOf(c.now['unrendered_config']);
  const before = mapOf(old['unrendered_config']);
  // Of sources and exposures every setting counts.
  const skipped = NODES.has(c.type) ? NOT_CONFIG : c.type === 'metric' ? new Set(['group']) : new Set<string>();
  return [...new Set([...Object.keys(now), ...Object.keys(before)])].flatMap((key): Change[] => {
    if (skipped.has(key) || (key in now && key in before && same(now[key], before[key]))) return [];
    return [{ kind: 'config', detail: `${key}: ${shown(before[key])} -> ${shown(now[key])}` }];
  });
}

function paths(c: Compared, before: JsonMap): readonly Change[] {
  if (same(c.now['fqn'], before['fqn'])) return [];
  const text = (fqn: Json | undefined): string => (Array.isArray(fqn) ? fqn.join('.') : '');
  return [{ kind: 'path', detail: `${text(before['fqn'])} -> ${text(c.now['fqn'])}` }];
}

/** Descriptions count where they are kept in the database. */
function descriptions(c: Compared, before: JsonMap): readonly Change[] {
  const persist = mapOf(mapOf(c.now['config'])['persist_docs']);
  const out: Change[] = [];
  if (persist['relation'] && !same(c.now['description'], before['description'])) out.push({ kind: 'description', detail: 'of the relation', cosmetic: true });
  if (persist['columns']) {
    const [now, was] = [mapOf(c.now['columns']), mapOf(before['columns'])];
    for (const name of new Set([...Object.keys(now), ...Object.keys(was)]))
      if (!(name in now && name in was && same(mapOf(now[name])['description'], mapOf(was[name])['description'])))
        out.push({ kind: 'description', detail: `of the column ${name}`, cosmetic: true });
  }
  return out;
}

/** What can break those that refer to a model. */
function references(c: Compared, before: JsonMap): readonly Change[] {
  const day = (v: Json | undefined): Json => (typeof v === 'string' && !Number.isNaN(Date.parse(v)) ? Date.parse(v) : (v ?? null));
  const out = [...compared(c.now, before, ['latest_version', 'access'], 'reference')];
  if (!same(day(c.now['deprecation_date']), day(before['deprecation_date'])))
    out.push({ kind: 'reference', detail: `deprecation_date: ${shown(before['deprecation_date'])} -> ${shown(c.now['deprecation_date'])}` });
  return out;
}

function dependencies(c: Compared, before: JsonMap): readonly Change[] {
  const nodes = (of: JsonMap): ReadonlySet<Json> => new Set(list(mapOf(of['depends_on'])['nodes']));
  const [now, was] = [nodes(c.now), nodes(before)];
  const added = [...now].filter((id) => !was.has(id)).map((id) => `+${String(id)}`);
  const gone = [...was].filter((id) => !now.has(id)).map((id) => `-${String(id)}`);
  return added.length + gone.length === 0 ? [] : [{ kind: 'definition', detail: `depends_on: ${[...added, ...gone].join(' ')}` }];
}

function savedQuery(c: Compared, before: JsonMap): readonly Change[] {
  const [now, was] = [mapOf(c.now['query_params']), mapOf(before['query_params'])];
  const out = [...compared(now, was, ['metrics', 'group_by', 'where'], 'definition')];
  const exports = (of: JsonMap): Json =>
    list(of['exports']).map((e) => {
      const config = mapOf(mapOf(e)['unrendered_config']);
      return [mapOf(e)['name'] ?? null, config['export_as'] ?? null, config['schema'] ?? null, config['alias'] ?? null];
    });
  if (!same(exports(c.now), exports(before))) out.push({ kind: 'definition', detail: 'exports' });
  return out;
}

function list(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : [];
}
