import { Dict, iterate, Obj, PyError, str, truthy, type Value } from '../jinja/index.ts';
import { Row } from './sequence.ts';
import { Table } from './table.ts';

/** An index as it is compared: columns in no order, lower case; the method named. */
interface Index {
  readonly name: string | null;
  readonly columns: readonly string[];
  readonly unique: boolean;
  readonly method: string;
}

const METHODS: ReadonlySet<string> = new Set(['btree', 'hash', 'gist', 'spgist', 'gin', 'brin']);

/**
 * What a run has to change about an existing materialized view so that it is as its configuration wants it: an object with `indexes`, the list of
 * changes, those that drop first; None where nothing differs. `results`: what describes the view, a dict with the table `indexes`.
 */
export function materializedViewChanges(results: Value, model: Value): Value {
  const existing = existingIndexes(results);
  const wanted = wantedIndexes(model);
  const has = (list: readonly Index[], index: Index): boolean => list.some((other) => keyOf(other) === keyOf(index));
  const changes = [
    ...existing.filter((i) => !has(wanted, i)).map((i) => new Change('drop', i)),
    ...wanted.filter((i) => !has(existing, i)).map((i) => new Change('create', i)),
  ];
  return changes.length === 0 ? null : new Changes(changes);
}

const keyOf = (index: Index): string => JSON.stringify([[...index.columns].sort(), index.unique, index.method]);

function distinct(indexes: readonly Index[]): readonly Index[] {
  return [...new Map(indexes.map((i) => [keyOf(i), i])).values()];
}

function existingIndexes(results: Value): readonly Index[] {
  const table = results instanceof Dict ? results.get('indexes') : undefined;
  if (!(table instanceof Table)) return [];
  return distinct(
    [...iterate(table.rows)].flatMap((row) => {
      if (!(row instanceof Row)) return [];
      const cell = (name: string): Value => row.named(name) ?? null;
      const columns = str(cell('column_names') ?? '').split(',');
      return [{ name: str(cell('name')), columns: columns.map((c) => c.toLowerCase()), unique: truthy(cell('unique')), method: str(cell('method')) }];
    }),
  );
}

function wantedIndexes(model: Value): readonly Index[] {
  const config = member(model, 'config');
  const list = member(config, 'indexes');
  if (list === null) return [];
  return distinct(
    [...iterate(list)].map((entry) => {
      const type = member(entry, 'type');
      const method = type === null ? 'btree' : str(type);
      if (!METHODS.has(method)) throw new PyError('DbtRuntimeError', `'${method}' is not an index method: one of ${[...METHODS].join(', ')}`);
      const columns = [...iterate(member(entry, 'columns') ?? [])].map((c) => str(c).toLowerCase());
      return { name: null, columns: [...new Set(columns)], unique: truthy(member(entry, 'unique')), method };
    }),
  );
}

/** The attribute or item of a config or node; null where there is none. */
function member(of: Value, name: string): Value {
  if (!(of instanceof Obj)) return null;
  return of.item(name) ?? of.attr(name) ?? null;
}

/** All changes of a materialized view. */
class Changes extends Obj {
  readonly typeName = 'PostgresMaterializedViewConfigChangeCollection';
  private readonly indexes: readonly Change[];
  constructor(indexes: readonly Change[]) {
    super();
    this.indexes = indexes;
  }
  override attr(name: string): Value | undefined {
    switch (name) {
      case 'indexes':
        return [...this.indexes];
      // Indexes are all that can differ, and they change in place.
      case 'requires_full_refresh':
        return false;
      case 'has_changes':
        return true;
      default:
        return undefined;
    }
  }
  override truthy(): boolean {
    return true;
  }
}

/** One index to drop or to create. */
class Change extends Obj {
  readonly typeName = 'PostgresIndexConfigChange';
  private readonly action: 'drop' | 'create';
  private readonly index: Index;
  constructor(action: 'drop' | 'create', index: Index) {
    super();
    this.action = action;
    this.index = index;
  }
  override attr(name: string): Value | undefined {
    switch (name) {
      case 'action':
        return this.action;
      case 'context':
        return new IndexContext(this.index);
      case 'requires_full_refresh':
        return false;
      default:
        return undefined;
    }
  }
  override truthy(): boolean {
    return true;
  }
}

/** The index of a change. */
class IndexContext extends Obj {
  readonly typeName = 'PostgresIndexConfig';
  private readonly index: Index;
  constructor(index: Index) {
    super();
    this.index = index;
  }
  override attr(name: string): Value | undefined {
    const { name: own, columns, unique, method } = this.index;
    switch (name) {
      case 'name':
        return own;
      case 'column_names':
        return [...columns];
      case 'unique':
        return unique;
      case 'method':
        return method;
      case 'as_node_config':
        return new Dict([
          ['columns', [...columns]],
          ['unique', unique],
          ['type', method],
        ]);
      default:
        return undefined;
    }
  }
  override truthy(): boolean {
    return true;
  }
}
