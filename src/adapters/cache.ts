import type { CatalogChange, Relation } from '../sql/index.ts';

interface Entry {
  readonly relations: Map<string, Relation>;
  /** The listing that is under way; changes noted meanwhile wait in `late` and are applied on top of it. */
  loading: Promise<void> | undefined;
  loaded: boolean;
  readonly late: CatalogChange[];
}

/** A schema by its database and name. */
export interface SchemaKey {
  readonly database: string;
  readonly schema: string;
}

/**
 * What relations exist, as far as this process knows: each schema is listed once, then kept true by the changes that programs note.
 * `fold` maps names that the engine takes for the same onto one.
 */
export class RelationCache {
  private readonly entries = new Map<string, Entry>();
  private readonly fold: (name: string) => string;

  constructor(fold: (name: string) => string) {
    this.fold = fold;
  }

  private entry(key: SchemaKey): Entry {
    const id = `${this.fold(key.database)}\u0000${this.fold(key.schema)}`;
    let entry = this.entries.get(id);
    if (!entry) {
      entry = { relations: new Map(), loading: undefined, loaded: false, late: [] };
      this.entries.set(id, entry);
    }
    return entry;
  }

  /** Lists the schemas that are not known yet, all with one call of `list`. Sessions that ask at the same time wait for the same listing. */
  async ensure(keys: readonly SchemaKey[], list: (missing: readonly SchemaKey[]) => Promise<readonly Relation[]>): Promise<void> {
    const missing = keys.filter((k) => !this.entry(k).loaded && !this.entry(k).loading);
    if (missing.length > 0) {
      const loading = this.fill(missing, list);
      for (const key of missing) this.entry(key).loading = loading;
    }
    await Promise.all(keys.map((k) => this.entry(k).loading));
  }

  private async fill(keys: readonly SchemaKey[], list: (missing: readonly SchemaKey[]) => Promise<readonly Relation[]>): Promise<void> {
    try {
      const found = await list(keys);
      for (const key of keys) {
        const entry = this.entry(key);
        entry.relations.clear();
        entry.loaded = true;
      }
      for (const r of found) this.put(r);
      for (const key of keys) for (const change of this.entry(key).late.splice(0)) this.change(change);
    } finally {
      for (const key of keys) this.entry(key).loading = undefined;
    }
  }

  find(key: SchemaKey, identifier: string): Relation | undefined {
    return this.entry(key).relations.get(this.fold(identifier));
  }

  list(key: SchemaKey): readonly Relation[] {
    return [...this.entry(key).relations.values()];
  }

  /** Every relation that is known. */
  all(): readonly Relation[] {
    return [...this.entries.values()].flatMap((entry) => [...entry.relations.values()]);
  }

  /** Takes a change that is done, or that a transaction will have done when it commits. */
  apply(change: CatalogChange): void {
    for (const key of touched(change)) {
      const entry = this.entry(key);
      if (entry.loading) entry.late.push(change);
    }
    this.change(change);
  }

  /** Changes that were rolled back: their schemas are listed again by the next question. */
  undo(changes: readonly CatalogChange[]): void {
    for (const key of changes.flatMap(touched)) {
      const entry = this.entry(key);
      entry.loaded = false;
      entry.relations.clear();
      entry.late.splice(0, entry.late.length, ...entry.late.filter((c) => !changes.includes(c)));
    }
  }

  private change(change: CatalogChange): void {
    switch (change.change) {
      case 'added':
        this.put(change.relation);
        return;
      case 'dropped':
        this.remove(change.relation);
        return;
      case 'renamed':
        this.remove(change.relation);
        this.put(change.to);
        return;
      case 'schema-added':
        return;
      case 'schema-dropped':
        for (const key of touched(change)) this.entry(key).relations.clear();
        return;
    }
  }

  private put(r: Relation): void {
    if (r.database !== null && r.schema !== null && r.identifier !== null) {
      this.entry({ database: r.database, schema: r.schema }).relations.set(this.fold(r.identifier), r);
    }
  }

  private remove(r: Relation): void {
    if (r.database !== null && r.schema !== null && r.identifier !== null) {
      this.entry({ database: r.database, schema: r.schema }).relations.delete(this.fold(r.identifier));
    }
  }
}

/** The schemas that a change is about. */
function touched(change: CatalogChange): readonly SchemaKey[] {
  const of = (place: { readonly database: string | null; readonly schema: string | null }): SchemaKey[] =>
    place.database === null || place.schema === null ? [] : [{ database: place.database, schema: place.schema }];
  if (change.change === 'schema-added' || change.change === 'schema-dropped') return of(change);
  return change.change === 'renamed' ? [...of(change.relation), ...of(change.to)] : of(change.relation);
}
