import type { CatalogRelation, Session, Warehouse } from '../adapters/index.ts';
import type { Dialect, Effect } from '../sql/index.ts';

/** Something that is opened when it is first asked for. */
export interface Once<T> {
  readonly get: () => Promise<T>;
  /** Undefined where nobody has asked for it, or it could not be opened. */
  readonly opened: () => Promise<T | undefined>;
}

/** Opens once, for all who ask; what opening throws, all of them get. */
export function once<T>(open: () => Promise<T>): Once<T> {
  let made: Promise<T> | undefined;
  return { get: () => (made ??= open()), opened: async () => made?.catch(() => undefined) };
}

/** A session that is opened by its first effect: what opening throws is that effect's failure. */
export class LazySession implements Session {
  label: string | undefined;
  private readonly session: Once<Session>;
  private open: Session | undefined;

  constructor(open: () => Promise<Session>) {
    this.session = once(open);
  }
  get inTransaction(): boolean {
    return this.open?.inTransaction ?? false;
  }
  async answer(effect: Effect): Promise<unknown> {
    this.open ??= await this.session.get();
    this.open.label = this.label;
    return this.open.answer(effect);
  }
  async cancel(): Promise<void> {
    await this.open?.cancel();
  }
  async release(): Promise<void> {
    await (await this.session.opened())?.release();
  }
}

type Places = Parameters<Warehouse['populate']>[0];

/** A warehouse that is connected to by what is first asked of it: what connecting throws is that question's failure. */
export class LazyWarehouse implements Warehouse {
  readonly dialect: Dialect;
  private readonly warehouse: Once<Warehouse>;

  constructor(dialect: Dialect, connect: () => Promise<Warehouse>) {
    this.dialect = dialect;
    this.warehouse = once(connect);
  }
  async session(name: string): Promise<Session> {
    return (await this.warehouse.get()).session(name);
  }
  async populate(schemas: Places): Promise<void> {
    await (await this.warehouse.get()).populate(schemas);
  }
  async catalog(schemas: Places): Promise<readonly CatalogRelation[]> {
    return (await this.warehouse.get()).catalog(schemas);
  }
  async describe(): ReturnType<Warehouse['describe']> {
    return (await this.warehouse.get()).describe();
  }
  async close(): Promise<void> {
    await (await this.warehouse.opened())?.close();
  }
}
