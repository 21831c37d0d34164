import { postgres, type Target } from '../../sql/index.ts';
import type { CatalogRelation, ConnectOptions, Session, Warehouse } from '../adapter.ts';
import { Connector } from './connect.ts';
import { serverOf } from './errors.ts';
import { readProfile } from './profile.ts';
import { PostgresSession } from './session.ts';
import { inSchemas, kindsSql, Shared } from './shared.ts';

type Place = { readonly database: string | null; readonly schema: string };

class PostgresWarehouse implements Warehouse {
  readonly dialect = postgres;
  private readonly shared: Shared;
  /** For the warehouse's own questions. */
  private own: Promise<PostgresSession> | undefined;

  constructor(shared: Shared) {
    this.shared = shared;
  }

  async session(_name: string): Promise<Session> {
    return this.connect(false);
  }

  private async connect(pipeline: boolean): Promise<PostgresSession> {
    const session = new PostgresSession(this.shared, pipeline);
    await session.ready();
    this.shared.sessions.add(session);
    return session;
  }

  mine(): Promise<PostgresSession> {
    this.own ??= this.connect(true);
    return this.own;
  }

  async populate(places: readonly Place[]): Promise<void> {
    if (places.length === 0) return;
    const session = await this.mine();
    // What a run asks first: which relations and which schemas there are.
    await Promise.all([
      this.shared.know(
        session,
        places.map((p) => this.shared.key(p.database, p.schema)),
      ),
      this.shared.schemas(session, null),
    ]);
  }

  async catalog(places: readonly Place[]): Promise<readonly CatalogRelation[]> {
    if (places.length === 0) return [];
    const session = await this.mine();
    const where = `${kindsSql} and ${inSchemas(places.map((p) => this.shared.key(p.database, p.schema)))}`;
    const from = 'from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace';
    const askRelations = session.rows(
      `select n.nspname, c.relname, c.relkind, c.oid, pg_catalog.pg_get_userbyid(c.relowner), pg_catalog.obj_description(c.oid, 'pg_class'), ` +
        `c.reltuples::bigint, case when c.relkind in ('r', 'm') then pg_catalog.pg_total_relation_size(c.oid) end ${from} where ${where} order by 1, 2`,
    );
    const askColumns = session.rows(
      'select c.oid, a.attname, a.attnum, pg_catalog.format_type(a.atttypid, a.atttypmod), pg_catalog.col_description(c.oid, a.attnum) ' +
        `${from} join pg_catalog.pg_attribute a on a.attrelid = c.oid where ${where} and a.attnum > 0 and not a.attisdropped order by c.oid, a.attnum`,
    );
    const [relations, columns] = await Promise.all([askRelations, askColumns]);
    const byTable = new Map<string | null | undefined, CatalogRelation['columns'][number][]>();
    for (const [oid, name, index, type, comment] of columns) {
      const list = byTable.get(oid) ?? [];
      list.push({ name: name ?? '', index: Number(index), type: type ?? '', comment: comment ?? null });
      byTable.set(oid, list);
    }
    return relations.map((row) => ({
      relation: this.shared.listed(row),
      owner: row[4] ?? null,
      comment: row[5] ?? null,
      rows: row[2] !== 'v' && Number(row[6]) >= 0 ? Number(row[6]) : null,
      bytes: row[7] === null || row[7] === undefined ? null : Number(row[7]),
      columns: byTable.get(row[3]) ?? [],
    }));
  }

  async describe(): Promise<{ readonly version: string; readonly location: string }> {
    const rows = await (await this.mine()).rows('show server_version');
    const { profile } = this.shared;
    return { version: `PostgreSQL ${rows[0]?.[0] ?? ''}`, location: `${serverOf(profile)}/${profile.database}` };
  }

  async close(): Promise<void> {
    for (const session of [...this.shared.sessions]) await session.release();
  }
}

/** Opens a Postgres database; throws a DiagnosticError that says why it cannot. */
export async function openWarehouse(target: Target, options: ConnectOptions): Promise<Warehouse> {
  const profile = readProfile(target);
  const warehouse = new PostgresWarehouse(new Shared(profile, new Connector(profile, options.directory), options));
  await warehouse.mine();
  return warehouse;
}
