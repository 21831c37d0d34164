import { ansi } from './ansi.ts';
import type { Dialect } from './dialect.ts';
import { snapshotMerge } from './duckdb.ts';

// The names that dbt's driver has for the types of results: to it `text` and `varchar` are one type, and so are `int` and `smallint`.
const DRIVER_TYPES: Readonly<Record<string, string>> = {
  boolean: 'BOOLEAN',
  bytea: 'BINARY',
  '"char"': 'STRING',
  name: 'STRING',
  bigint: 'LONGINTEGER',
  smallint: 'INTEGER',
  integer: 'INTEGER',
  text: 'STRING',
  character: 'STRING',
  'character varying': 'STRING',
  json: 'JSON',
  jsonb: 'JSONB',
  real: 'FLOAT',
  'double precision': 'FLOAT',
  numeric: 'DECIMAL',
  date: 'DATE',
  'time without time zone': 'TIME',
  'time with time zone': 'TIME',
  'timestamp without time zone': 'DATETIME',
  'timestamp with time zone': 'DATETIMETZ',
  interval: 'INTERVAL',
};

// What dbt makes of the driver's names where they stand alone.
const LABELS: Readonly<Record<string, string>> = { STRING: 'TEXT', INTEGER: 'INT' };

/** PostgreSQL 13 and newer; `merge` needs 15. */
export const postgres: Dialect = {
  ...ansi,
  name: 'postgres',
  // `create or replace view` keeps the old columns' names and types, so it cannot replace any view by any other.
  can: { ...ansi.can, transactionalDdl: true },
  maxIdentifier: 63,
  strategies: ['append', 'delete+insert', 'merge', 'microbatch'],
  now: 'now()::timestamp without time zone',
  defaultStrategy: (keyed) => (keyed ? 'delete+insert' : 'append'),
  contractType(dataType) {
    const array = dataType.endsWith('[]');
    const name = DRIVER_TYPES[array ? dataType.slice(0, -2) : dataType];
    if (name === undefined) return dataType;
    return array ? `${name}ARRAY` : (LABELS[name] ?? name);
  },
  // Postgres takes the name of the database in front of every name but this one.
  createSchema: (place) => ansi.createSchema({ ...place, database: null }),
  dropSchema: (place) => ansi.dropSchema({ ...place, database: null }),
  createTable(relation, sql, { temporary, unlogged }) {
    return `create ${temporary ? 'temporary ' : unlogged ? 'unlogged ' : ''}table ${this.render(relation)}\nas (\n${sql}\n);`;
  },
  snapshotMerge,
  analyze(relation) {
    return `analyze ${this.render(relation)}`;
  },
  comment(on, name, text) {
    return `comment on ${on} ${name} is $dbt_comment_literal_block$${text}$dbt_comment_literal_block$`;
  },
};
