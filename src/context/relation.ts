import { type Args, bind, Callable, Dict, Obj, PyError, repr, type Signature, signature, str, truthy, Undefined, type Value } from '../jinja/index.ts';
import { relation as bare, type Dialect, type Parts, type Relation, type RelationType } from '../sql/index.ts';
import { boundMethod } from './method.ts';
import { materializedViewChanges } from './relation-config.ts';
import { type Part, PartsObj, parts } from './relation-parts.ts';

/** Rows of a relation restricted to a window of time; the bounds are as they are to be printed. */
export interface EventTimeFilter {
  readonly field: string;
  readonly start: string | null;
  readonly end: string | null;
}

/** What a relation value carries beyond its name. */
export interface RelationExtras {
  /** `--empty` and samples: how many rows printing it gives; null or absent: all. */
  readonly limit?: number | null;
  readonly filter?: EventTimeFilter | null;
  /** The SQL to print in place of the name: an external source. */
  readonly external?: string | null;
  /** Set for `information_schema`: the view in it, or null for the schema itself. */
  readonly view?: string | null;
}

const types: Readonly<Record<string, RelationType>> = {
  Table: 'table',
  View: 'view',
  CTE: 'cte',
  MaterializedView: 'materialized_view',
  External: 'external',
  PointerTable: 'pointer_table',
  Function: 'function',
};
const typeNames: ReadonlyMap<string, RelationType> = new Map(Object.values(types).map((t) => [t as string, t]));

const swappable: ReadonlyMap<string, readonly RelationType[]> = new Map([['postgres', ['view', 'table']]]);
// A user writes `from {{ ref('x') }} as x` there: an alias of ours would be a second one.
const aliasFree: ReadonlySet<string> = new Set(['duckdb']);

/** A relation as templates see it (`this`, what `ref` answers, `api.Relation`): immutable; printing it gives SQL. */
export class RelationObj extends Obj {
  readonly typeName: string;
  readonly dialect: Dialect;
  readonly relation: Relation;
  readonly extras: RelationExtras;

  constructor(dialect: Dialect, relation: Relation, extras: RelationExtras = {}) {
    super();
    const named = relation.identifier;
    if (dialect.name === 'postgres' && named !== null && relation.type !== null && named.length > dialect.maxIdentifier)
      throw new PyError('DbtRuntimeError', `Relation name '${named}' is longer than ${dialect.maxIdentifier} characters`);
    this.dialect = dialect;
    this.relation = relation;
    this.extras = extras;
    this.typeName = extras.view === undefined ? className(dialect) : 'InformationSchema';
  }
  with(change: Partial<Relation>, extras: RelationExtras = {}): RelationObj {
    return new RelationObj(this.dialect, { ...this.relation, ...change }, { ...this.extras, ...extras });
  }
  /** The name alone, as SQL. */
  render(): string {
    if (this.extras.external != null) return this.extras.external;
    const name = this.dialect.render(this.relation);
    if (this.extras.view == null) return name;
    return name === '' ? this.extras.view : `${name}.${this.extras.view}`;
  }
  /** The name, or a subquery of its first rows. */
  renderLimited(): string {
    const limit = this.extras.limit ?? null;
    if (limit === null) return this.render();
    return `(select * from ${this.render()}${limit === 0 ? ' where false' : ''} limit ${limit})${this.alias('limit')}`;
  }
  renderFiltered(inner = this.render()): string {
    const { field, start, end } = this.extras.filter ?? { field: '', start: null, end: null };
    const bounds = [...(start === null ? [] : [`${field} >= '${start}'`]), ...(end === null ? [] : [`${field} < '${end}'`])];
    return bounds.length === 0 ? inner : `(select * from ${inner} where ${bounds.join(' and ')})${this.alias('et_filter')}`;
  }
  private alias(kind: string): string {
    return aliasFree.has(this.dialect.name) ? '' : ` _dbt_${kind}_subq_${this.relation.identifier}`;
  }
  override str(): string {
    return this.relation.type === 'function' ? this.render() : this.renderFiltered(this.renderLimited());
  }
  override repr(): string {
    return `<${this.typeName} ${this.render()}>`;
  }
  override truthy(): boolean {
    return true;
  }
  override isMapping(): boolean {
    return true;
  }
  override length(): never {
    throw this.noDict();
  }
  override iterate(): never {
    throw this.noDict();
  }
  private noDict(): PyError {
    return new PyError(
      'CompilationError',
      `The object ("${this.str()}") was used as a dictionary. This capability has been removed from objects of this type.`,
    );
  }
  override item(key: Value): Value | undefined {
    return typeof key === 'string' ? this.attr(key) : undefined;
  }
  override attr(name: string): Value | undefined {
    const method = methods.get(name);
    if (method) return boundMethod(this, name, method.sig, method.body);
    const property = properties.get(name);
    return property ? property(this) : classAttr(this.dialect, name);
  }
  override equals(other: Value): boolean {
    return other instanceof RelationObj && other.hashKey() === this.hashKey();
  }
  override hashKey(): string {
    const { relation: r, extras } = this;
    const policies = parts.flatMap((p) => [r.quote[p], r.include[p]]);
    const { limit = null, filter = null, external = null, view } = extras;
    return `\0relation${JSON.stringify([r.database, r.schema, r.identifier, r.type, ...policies, limit, filter, external, view ?? (view === null ? 0 : 1)])}`;
  }
}

/** A relation as a template value. */
export function relationValue(dialect: Dialect, relation: Relation, extras: RelationExtras = {}): Value {
  return new RelationObj(dialect, relation, extras);
}

/** `api.Relation` of a dialect. */
export function relationClass(dialect: Dialect): Value {
  return new RelationClass(dialect);
}

/** The relation a template passed; raises TypeError for anything else. */
export function needRelation(value: Value | undefined): Relation {
  if (value instanceof RelationObj) return value.relation;
  throw new PyError('TypeError', `expected a relation, got ${value === undefined ? 'nothing' : repr(value)}`);
}

/** The name of an ephemeral model's CTE. */
export function ephemeralName(name: string): string {
  return `__dbt__cte__${name}`;
}

function className({ name }: Dialect): string {
  const known: Readonly<Record<string, string>> = { duckdb: 'DuckDBRelation', postgres: 'PostgresRelation' };
  return known[name] ?? 'BaseRelation';
}

class RelationClass extends Callable {
  override readonly typeName = 'type';
  private readonly dialect: Dialect;
  constructor(dialect: Dialect) {
    super();
    this.dialect = dialect;
  }
  override attr(name: string): Value | undefined {
    return classAttr(this.dialect, name);
  }
  override item(key: Value): Value | undefined {
    return typeof key === 'string' ? this.attr(key) : undefined;
  }
  override equals(other: Value): boolean {
    return other instanceof RelationClass && other.dialect === this.dialect;
  }
  override repr(): string {
    return `<class '${className(this.dialect)}'>`;
  }
  call(args: Args): Value {
    return changed(fresh(this.dialect), args.named);
  }
}

/** Named members that belong to the class: constructors, constants, helpers. Instances have them too. */
function classAttr(dialect: Dialect, name: string): Value | undefined {
  if (Object.hasOwn(types, name)) return types[name];
  if (name === 'get_relation_type') return new RelationTypes();
  const method = classMethods.get(name);
  return method && boundMethod(dialect, name, method.sig, method.body);
}

/** The enumeration of relation types: `get_relation_type.View` is `view`. */
class RelationTypes extends Callable {
  override readonly typeName = 'EnumType';
  override attr(name: string): Value | undefined {
    return Object.hasOwn(types, name) ? types[name] : undefined;
  }
  override item(key: Value): Value | undefined {
    return typeof key === 'string' ? this.attr(key) : undefined;
  }
  call(args: Args): Value {
    return relationType(args.positional[0] ?? null);
  }
}

type Named = ReadonlyMap<string, Value>;

interface Method<S> {
  /** Absent: the method takes whatever keywords there are. */
  readonly sig: Signature | undefined;
  readonly body: (self: S, a: readonly (Value | undefined)[], named: Named) => Value;
}

function method<S>(name: string, names: readonly string[], body: (self: S, a: readonly (Value | undefined)[]) => Value): [string, Method<S>] {
  return [name, { sig: signature(name, 1, ...names), body }];
}

function open<S>(name: string, body: (self: S, a: readonly (Value | undefined)[], named: Named) => Value): [string, Method<S>] {
  return [name, { sig: undefined, body }];
}

const partNames = parts.map((p) => `${p}=`);

const properties: ReadonlyMap<string, (self: RelationObj) => Value> = new Map<string, (self: RelationObj) => Value>([
  ['database', (self) => self.relation.database],
  ['schema', (self) => self.relation.schema],
  ['identifier', (self) => self.relation.identifier],
  ['name', (self) => self.relation.identifier],
  ['table', (self) => self.relation.identifier],
  ['type', (self) => self.relation.type],
  ['is_table', (self) => self.relation.type === 'table'],
  ['is_view', (self) => self.relation.type === 'view'],
  ['is_cte', (self) => self.relation.type === 'cte'],
  ['is_materialized_view', (self) => self.relation.type === 'materialized_view'],
  ['is_pointer', (self) => self.relation.type === 'pointer_table'],
  ['is_function', (self) => self.relation.type === 'function'],
  ['can_be_renamed', canSwap],
  ['can_be_replaced', canSwap],
  ['path', (self) => new PartsObj('Path', self.relation)],
  ['quote_policy', (self) => new PartsObj('Policy', self.relation.quote)],
  ['include_policy', (self) => new PartsObj('Policy', self.relation.include)],
  ['quote_character', () => '"'],
  ['dbt_created', () => false],
  ['require_alias', (self) => !aliasFree.has(self.dialect.name)],
  ['limit', (self) => self.extras.limit ?? null],
  ['external', (self) => self.extras.external ?? null],
  ['information_schema_view', (self) => self.extras.view ?? null],
  ['catalog', () => null],
  ['metadata', (self) => new Dict([['type', self.typeName]])],
]);

const methods: ReadonlyMap<string, Method<RelationObj>> = new Map<string, Method<RelationObj>>([
  method('render', [], (self) => self.render()),
  method('render_limited', [], (self) => self.renderLimited()),
  method('render_event_time_filtered', ['rendered='], (self, [text]) => self.renderFiltered(text === undefined || text === null ? self.render() : str(text))),
  method('quoted', ['identifier'], (self, [name]) => self.dialect.quote(str(name as Value))),
  method('quote', partNames, (self, a) => self.with({ quote: policy(self.relation.quote, a) })),
  method('include', partNames, (self, a) => self.with({ include: policy(self.relation.include, a) })),
  method('without_identifier', [], (self) => self.with({ identifier: null, include: { ...self.relation.include, identifier: false } })),
  method('information_schema', ['view_name='], informationSchema),
  method('information_schema_only', [], (self) => informationSchema(self, [])),
  method('matches', partNames, matches),
  method('relation_max_name_length', [], (self) => self.dialect.maxIdentifier),
  method('get', ['key', 'default='], (self, [key, fallback]) => self.item(key as Value) ?? fallback ?? null),
  method('to_dict', ['omit_none='], (self, [omit]) => toDict(self, omit !== undefined && truthy(omit))),
  method('get_function_config', ['model'], functionConfig),
  method('get_function_macro_name', ['config'], (_, [config]) => `${field(config, 'type')}_function_${field(config, 'language')}`),
  method('get_materialized_view_config_change_collection', ['relation_results', 'relation_config'], (_, [results, model]) =>
    materializedViewChanges(results as Value, model as Value),
  ),
  open('replace_path', (self, _, named) => changed(self, new Map([['path', new Dict(named)]]))),
  open('replace', (self, _, named) => changed(self, named)),
  open('incorporate', (self, _, named) => changed(self, named)),
]);

const classMethods: ReadonlyMap<string, Method<Dialect>> = new Map<string, Method<Dialect>>([
  open('create', create),
  open('create_from', createFrom),
  open('create_from_source', createFrom),
  open('create_from_node', createFrom),
  method('scd_args', ['primary_key', 'updated_at'], (_, [key, at]) => [...(Array.isArray(key) ? key : [key as Value]), at as Value]),
  method('add_ephemeral_prefix', ['name'], (_, [name]) => ephemeralName(str(name as Value))),
  method('get_default_quote_policy', [], () => new PartsObj('Policy', { database: true, schema: true, identifier: true })),
  method('get_default_include_policy', [], () => new PartsObj('Policy', { database: true, schema: true, identifier: true })),
]);

function canSwap(self: RelationObj): boolean {
  const type = self.relation.type;
  return type !== null && (swappable.get(self.dialect.name) ?? []).includes(type);
}

function fresh(dialect: Dialect): RelationObj {
  return new RelationObj(dialect, bare(null, null, null));
}

/** `create(database, schema, identifier, type, **others)`. */
function create(dialect: Dialect, a: readonly (Value | undefined)[], named: Named): Value {
  const own = ['database', 'schema', 'identifier', 'type'];
  const given = new Map([...named].filter(([key]) => own.includes(key)));
  const [database, schema, identifier, type] = bind(signature('create', 1, ...own.map((n) => `${n}=`)), { positional: a as Value[], named: given });
  const path = new Dict([
    ['database', database ?? null],
    ['schema', schema ?? null],
    ['identifier', identifier ?? null],
  ]);
  return changed(fresh(dialect), new Map([...[...named].filter(([key]) => !own.includes(key)), ['path', path], ['type', type ?? null]]));
}

/** `create_from(quoting, node, **others)`: the relation of a node or source. */
function createFrom(dialect: Dialect, a: readonly (Value | undefined)[], named: Named): Value {
  const [quoting, node] = a.length > 1 ? a : [named.get('quoting'), a[0] ?? named.get('relation_config')];
  const get = (name: string): Value => member(node, name);
  const path = new Dict([
    ['database', get('database')],
    ['schema', get('schema')],
    ['identifier', [get('identifier'), get('alias'), get('name')].find((v) => v !== null) ?? null],
  ]);
  const quote = new Dict();
  for (const from of [member(quoting, 'quoting'), member(node, 'quoting'), member(get('config'), 'quoting'), named.get('quote_policy') ?? null])
    if (from instanceof Dict) for (const part of parts) if (typeof from.get(part) === 'boolean') quote.set(part, from.get(part) as boolean);
  const rest = [...named].filter(([key]) => key !== 'quoting' && key !== 'relation_config');
  return changed(fresh(dialect), new Map<string, Value>([...rest, ['path', path], ['quote_policy', quote]]));
}

/** The attribute or item of a config or node; null where there is none. */
function member(of: Value | undefined, name: string): Value {
  if (!(of instanceof Obj)) return null;
  return of.item(name) ?? of.attr(name) ?? null;
}

/** The relation with some of its fields changed, as `incorporate` takes them: those of `path` and the policies are merged. */
function changed(self: RelationObj, named: Named): RelationObj {
  let relation = self.relation;
  let extras = self.extras;
  for (const [key, value] of named) {
    switch (key) {
      case 'path':
        relation = { ...relation, ...merged(value, (v, part) => pathPart(v, part)) };
        break;
      case 'quote_policy':
        relation = { ...relation, quote: { ...relation.quote, ...merged(value, (v) => truthy(v)) } };
        break;
      case 'include_policy':
        relation = { ...relation, include: { ...relation.include, ...merged(value, (v) => truthy(v)) } };
        break;
      case 'type':
        relation = { ...relation, type: relationType(value) };
        break;
      case 'limit':
        extras = { ...extras, limit: typeof value === 'number' ? value : null };
        break;
      case 'external':
        extras = { ...extras, external: value === null ? null : str(value) };
        break;
      case 'information_schema_view':
        extras = { ...extras, view: value === null ? null : str(value) };
        break;
      default: // Fields of dbt that change nothing here: dbt_created, quote_character, catalog, ...
    }
  }
  return new RelationObj(self.dialect, relation, extras);
}

function merged<T>(value: Value, read: (v: Value, part: Part) => T): { [P in Part]?: T } {
  const out: { [P in Part]?: T } = {};
  for (const part of parts) {
    const given = value instanceof Dict ? value.get(part) : value instanceof PartsObj ? value.item(part) : undefined;
    if (given !== undefined) out[part] = read(given, part);
  }
  return out;
}

function pathPart(v: Value, part: Part): string | null {
  if (v === null || typeof v === 'string') return v;
  throw new PyError('CompilationError', `Got an invalid path ${part}: ${str(v)}`);
}

function relationType(v: Value): RelationType | null {
  if (v === null || v instanceof Undefined) return null;
  const known = typeof v === 'string' ? typeNames.get(v) : undefined;
  if (known) return known;
  throw new PyError('ValidationError', `${repr(v)} is not a valid relation type: one of ${[...typeNames.keys()].join(', ')}`);
}

function policy(before: Parts<boolean>, a: readonly (Value | undefined)[]): Parts<boolean> {
  const [database, schema, identifier] = parts.map((part, i) => (a[i] === undefined || a[i] === null ? before[part] : truthy(a[i])));
  return { database: database as boolean, schema: schema as boolean, identifier: identifier as boolean };
}

function informationSchema(self: RelationObj, [view]: readonly (Value | undefined)[]): Value {
  const { database, quote } = self.relation;
  const include = { database: database !== null, schema: false, identifier: true };
  const relation: Relation = { database, schema: null, identifier: 'INFORMATION_SCHEMA', type: 'view', quote: { ...quote, identifier: false }, include };
  return new RelationObj(self.dialect, relation, { view: typeof view === 'string' ? view : null });
}

function matches(self: RelationObj, a: readonly (Value | undefined)[]): Value {
  const search = parts.flatMap((part, i) => (a[i] === undefined || a[i] === null ? [] : [[part, str(a[i])] as const]));
  if (search.length === 0) throw new PyError('DbtRuntimeError', 'Tried to match relation, but no search path was passed!');
  const plain = (text: string): string => text.toLowerCase().replace(/^"+|"+$/g, '');
  const exact = search.every(([part, text]) => self.relation[part] === text);
  if (!exact && search.every(([part, text]) => plain(String(self.relation[part])) === plain(text))) {
    const wanted = search.map(([, text]) => text).join('.');
    throw new PyError(
      'CompilationError',
      `looked for the relation ${wanted} and found ${self.render()}, whose name differs in case or quotes only: delete or rename one of them`,
    );
  }
  return exact;
}

function toDict(self: RelationObj, omitNone: boolean): Value {
  const { relation: r, extras } = self;
  const parted = (of: { readonly [P in Part]: Value }): Dict =>
    new Dict(parts.flatMap((p) => (omitNone && of[p] === null ? [] : [[p, of[p]] as [Value, Value]])));
  const out = new Dict([
    ['path', parted(r)],
    ['type', r.type],
    ['quote_character', '"'],
    ['include_policy', parted(r.include)],
    ['quote_policy', parted(r.quote)],
    ['dbt_created', false],
    ['limit', extras.limit ?? null],
    ['external', extras.external ?? null],
  ]);
  if (omitNone) for (const [key, value] of [...out.entries()]) if (value === null) out.delete(key);
  return out;
}

function field(of: Value | undefined, name: string): string {
  return str(member(of, name));
}

/** What a function's materialization asks of its node, or None for other nodes. */
function functionConfig(_: RelationObj, [model]: readonly (Value | undefined)[]): Value {
  if (member(model, 'resource_type') !== 'function') return null;
  const config = member(model, 'config');
  const out = new Dict([['language', member(model, 'language')]]);
  for (const name of ['type', 'runtime_version', 'entry_point']) out.set(name, member(config, name));
  return out;
}
