import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { adapterFor, type Session, type Warehouse } from '../../../src/adapters/index.ts';
import { type Macros, materializations, type Outcome, type Task } from '../../../src/plan/index.ts';
import type { ColumnInfo, Json, JsonMap, Node } from '../../../src/resolve/index.ts';
import { drive } from '../../../src/run/drive.ts';
import { type Cell, type Dialect, duckdb, execute, type Program, type QueryResult, relation } from '../../../src/sql/index.ts';
import { DiagnosticError, sourceFile, span } from '../../../src/text/index.ts';

/** What a test says of a node; everything else is as a plain model has it. */
export interface Given {
  readonly name?: string;
  readonly sql?: string;
  readonly kind: string;
  readonly config?: JsonMap;
  readonly columns?: readonly Partial<ColumnInfo>[];
  readonly constraints?: readonly JsonMap[];
  readonly contract?: boolean;
  readonly description?: string;
  readonly fullRefresh?: boolean;
  readonly batch?: Task['batch'];
  readonly whole?: string;
  readonly file?: string;
  readonly sampleRows?: number;
  readonly storeFailures?: boolean;
  readonly dialect?: Dialect;
  readonly schema?: string;
  readonly database?: string;
  /** Texts of macros that the project overrides, by name; each gets its arguments. */
  readonly overrides?: Readonly<Record<string, (...args: never[]) => string>>;
  readonly written?: string[];
}

/** A macro registry without Jinja: hooks are the SQL in the node's config, and only what a test overrides exists. */
function macrosOf(given: Given): Macros {
  const overrides = given.overrides ?? {};
  const text = (name: string, args: readonly unknown[]): string => {
    const body = overrides[name];
    // A macro of the library that only warns.
    if (!body && name === 'validate_doc_columns') return '';
    if (!body) throw new Error(`macro ${name} was called but not overridden`);
    return (body as (...args: unknown[]) => string)(...args);
  };
  return {
    // biome-ignore lint/correctness/useYield: what stands here asks the database nothing.
    *call(name, args = []) {
      return text(name, args);
    },
    // biome-ignore lint/correctness/useYield: as above.
    *text(name, args = []) {
      return text(name, args).trim();
    },
    *hooks(when, inside) {
      const list = (given.config?.[`${when}-hook`] ?? []) as readonly { sql: string; transaction?: boolean }[];
      for (const hook of list) if ((hook.transaction ?? true) === inside) yield* execute(hook.sql, { begin: inside });
    },
    overridden: (name) => name in overrides,
  };
}

export function task(given: Given): Task {
  const name = given.name ?? 'orders';
  const file = sourceFile(`models/${name}.sql`, given.sql ?? '');
  const columns = Object.fromEntries(
    (given.columns ?? []).map((c) => [
      c.name ?? '',
      { name: '', description: '', meta: {}, data_type: null, constraints: [], quote: null, config: {}, tags: [], granularity: null, doc_blocks: [], ...c },
    ]),
  );
  const node = {
    unique_id: `model.shop.${name}`,
    name,
    alias: name,
    resource_type: 'model',
    original_file_path: given.file === undefined ? file.path : `seeds/${name}.csv`,
    config: given.config ?? {},
    columns,
    constraints: given.constraints ?? [],
    contract: { enforced: given.contract ?? false, alias_types: true, checksum: null },
    description: given.description ?? '',
    at: span(file, 0),
  } as unknown as Node;
  return {
    node,
    relation: relation(given.database ?? 'shop', given.schema ?? 'main', name),
    sql: given.sql ?? '',
    dialect: given.dialect ?? duckdb,
    fullRefresh: given.fullRefresh ?? false,
    macros: macrosOf(given),
    empty: false,
    sampleRows: given.sampleRows ?? 0,
    storeFailures: given.storeFailures ?? false,
    written: (sql) => given.written?.push(sql),
    ...(given.file !== undefined && { file: given.file }),
    ...(given.batch && { batch: given.batch }),
    ...(given.whole !== undefined && { whole: given.whole }),
  };
}

export function program(given: Given): Program<Outcome> {
  const materialization = materializations[given.kind];
  if (!materialization) throw new Error(`no materialization ${given.kind}`);
  return materialization(task(given));
}

/** A DuckDB file of its own, as one run of dml sees it. */
export class Shop {
  readonly directory: string;
  readonly statements: string[] = [];
  warehouse: Warehouse | undefined;
  private current: Session | undefined;

  constructor() {
    this.directory = mkdtempSync(join(tmpdir(), 'dml-test-'));
  }

  async open(settings: Record<string, Json> = {}): Promise<Warehouse> {
    if (this.warehouse) return this.warehouse;
    const adapter = await adapterFor('duckdb');
    if (!adapter) throw new Error('no adapter');
    const target = {
      profileName: 'shop',
      name: 'dev',
      type: 'duckdb',
      threads: 1,
      database: 'shop',
      schema: 'main',
      settings: { type: 'duckdb', path: 'shop.duckdb', ...settings },
    };
    this.warehouse = await adapter.connect(target, { directory: this.directory, onStatement: (sql) => this.statements.push(sql) });
    return this.warehouse;
  }

  async session(): Promise<Session> {
    this.current ??= await (await this.open()).session('test');
    return this.current;
  }

  async build(given: Given): Promise<Outcome> {
    return drive(program(given), await this.session());
  }

  async run(sql: string): Promise<void> {
    await (await this.session()).answer({ kind: 'execute', sql });
  }

  async rows(sql: string): Promise<readonly (readonly Cell[])[]> {
    return ((await (await this.session()).answer({ kind: 'query', sql })) as QueryResult).table.rows;
  }

  csv(name: string, text: string | Buffer): string {
    const path = join(this.directory, `${name}.csv`);
    writeFileSync(path, text);
    return path;
  }

  /** What relations there are: `main.orders table`. */
  async relations(): Promise<readonly string[]> {
    const rows = await this.rows(
      `select schema_name || '.' || table_name || ' table' from duckdb_tables() union all select schema_name || '.' || view_name || ' view' from duckdb_views() where not internal order by 1`,
    );
    return rows.map((r) => String(r[0]));
  }

  async close(): Promise<void> {
    await this.warehouse?.close();
    this.warehouse = undefined;
    this.current = undefined;
  }
}

/** The diagnostic that a promise fails with. */
export async function diagnosed(promise: Promise<unknown>): Promise<DiagnosticError['diagnostic']> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof DiagnosticError) return error.diagnostic;
    throw error;
  }
  throw new Error('nothing was wrong');
}
