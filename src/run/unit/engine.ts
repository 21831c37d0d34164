import { adapterFor, type Session, SqlError, type Warehouse } from '../../adapters/index.ts';
import { execute, query, type Target } from '../../sql/index.ts';
import { drive } from '../drive.ts';
import type { RunSettings } from '../settings.ts';
import { statementEvents } from '../statements.ts';

/** A DuckDB in memory that computes as the target's does. */
export class MemoryEngine {
  private readonly warehouse: Warehouse;
  private readonly settings: readonly string[];
  private readonly sessions: Session[] = [];

  private constructor(warehouse: Warehouse, settings: readonly string[]) {
    this.warehouse = warehouse;
    this.settings = settings;
  }

  /** Opens one with the settings of the profile that the bare engine knows, and without what the profile attaches, installs or keeps secret. */
  static async open(settings: Pick<RunSettings, 'manifest' | 'emit' | 'now'>): Promise<MemoryEngine> {
    const { project } = settings.manifest;
    const { target } = project;
    const adapter = await (adapterFor('duckdb') as NonNullable<ReturnType<typeof adapterFor>>);
    const warehouse = await adapter.connect(inMemory(target), {
      directory: project.dir,
      ...statementEvents(settings),
    });
    return new MemoryEngine(warehouse, await settingsFor(target, warehouse));
  }

  async session(): Promise<Session> {
    const session = await this.warehouse.session('memory');
    this.sessions.push(session);
    for (const statement of this.settings) {
      // What can only be set while an engine opens says nothing of how it computes.
      await drive(execute(statement), session).catch((e: unknown) => {
        if (!(e instanceof SqlError)) throw e;
      });
    }
    return session;
  }

  async cancel(): Promise<void> {
    for (const session of this.sessions) await session.cancel();
  }

  close(): Promise<void> {
    return this.warehouse.close();
  }
}

/** The target with an empty database of the same name in memory in its place. */
function inMemory({ profileName, name, database, schema }: Target): Target {
  const settings = {
    path: ':memory:',
    database,
    // Starting threads takes longer than the rows of a fixture.
    config_options: { threads: '1' },
    ...(database !== 'memory' && { attach: [{ path: ':memory:', alias: database }] }),
  };
  return { profileName, name, type: 'duckdb', threads: 1, database, schema, settings };
}

// Unlike DuckDB, Postgres divides integers to integers and takes nulls for the biggest values.
const AS_POSTGRES = ['set integer_division = true', "set default_null_order = 'nulls_last_on_asc_first_on_desc'"];

/** Settings of the place and size of a database, and secrets: what is computed does not hang on them. */
const BESIDES = /threads$|memory|^temp_|^access_mode$|password|secret|token|_key/i;

async function settingsFor({ type, settings }: Target, warehouse: Warehouse): Promise<readonly string[]> {
  if (type !== 'duckdb') return AS_POSTGRES;
  const given = Object.entries({ ...(settings['config_options'] as object | undefined), ...(settings['settings'] as object | undefined) });
  if (given.length === 0) return [];
  const session = await warehouse.session('memory');
  const { table } = await drive(query('select name from duckdb_settings()'), session);
  await session.release();
  const known = new Set(table.rows.map((row) => String(row[0]).toLowerCase()));
  return given
    .filter(([key]) => known.has(key.toLowerCase()) && !BESIDES.test(key))
    .map(([key, value]) => `set ${key} = ${warehouse.dialect.literal(String(value))}`);
}
