import { entry } from './entry.ts';

/** The database: connections, statements, files, and what materializations refuse. */
export const warehouse = {
  'sql-error': entry<{ node: string; problem: string }>({
    severity: 'error',
    message: (p) => `\`${p.node}\`: ${p.problem}`,
    explanation:
      'The database refused a statement. The place named is the line of the template that produced the text at fault; the compiled file holds the whole statement.',
  }),
  'adapter-unknown': entry<{ type: string; profile: string; known: readonly string[]; near?: string | undefined }>({
    severity: 'error',
    message: (p) => `the profile \`${p.profile}\` is of type \`${p.type}\`, which dml does not know`,
    hint: (p) => (p.near === undefined ? `known types: ${p.known.join(', ')}` : `did you mean \`${p.near}\`?`),
    explanation: 'The `type` of an output in profiles.yml picks the adapter, the part of dml that speaks to a database engine.',
  }),
  'profile-invalid': entry<{ profile: string; key: string; problem: string }>({
    severity: 'error',
    message: (p) => `the profile \`${p.profile}\`${p.key ? `, key \`${p.key}\`` : ''}: ${p.problem}`,
    explanation: 'A setting of the chosen output in profiles.yml does not have the shape that its adapter takes.',
  }),
  'profile-database': entry<{ profile: string; database: string; path: string; stem: string; near?: string | undefined }>({
    severity: 'error',
    message: (p) => `the profile \`${p.profile}\` names the database \`${p.database}\`, but DuckDB calls the file \`${p.path}\` \`${p.stem}\``,
    hint: (p) => `set \`database: ${p.near ?? p.stem}\`, or leave the key out`,
    explanation: 'DuckDB names a database after the first part of its file name. `database` must be that name, or the alias of an attached database.',
  }),
  'database-locked': entry<{ path: string; pid: number | undefined; process: string }>({
    severity: 'error',
    message: (p) => `the database file ${p.path} is held by another process${p.pid === undefined ? '' : ` (PID ${p.pid}${p.process ? `: ${p.process}` : ''})`}`,
    hint: () => 'close the other program, or wait for it with --lock-timeout SECONDS',
    explanation: 'DuckDB lets one process at a time write to a file. An open shell, a notebook, or another run holds it until it ends or closes the database.',
  }),
  'database-waiting': entry<{ path: string; pid: number | undefined; process: string; seconds: number }>({
    severity: 'note',
    message: (p) =>
      `waiting up to ${p.seconds} s for the database file ${p.path}, which another process holds${p.pid === undefined ? '' : ` (PID ${p.pid}${p.process ? `: ${p.process}` : ''})`}`,
    explanation:
      'DuckDB lets one process at a time write to a file. With --lock-timeout (or `lockTimeout` in dml.yml, or DML_LOCK_TIMEOUT) dml waits for its turn.',
  }),
  'database-version': entry<{ path: string; version?: string | undefined }>({
    severity: 'error',
    message: (p) => `the database file ${p.path} was written by a newer DuckDB${p.version === undefined ? '' : ` (storage version ${p.version})`}`,
    hint: () => 'delete the file and build it again, or write it with an older storage: ATTACH ... (STORAGE_VERSION ...)',
    explanation: "A DuckDB file carries the version of its storage format. dml's DuckDB cannot read formats that are newer than itself.",
  }),
  'database-not-duckdb': entry<{ path: string }>({
    severity: 'error',
    message: (p) => `${p.path} is not a DuckDB database`,
    hint: () => 'check `path` in profiles.yml; a new database is made where no file exists',
    explanation: 'The file that the profile names exists but does not start as a DuckDB file does. dml never overwrites such a file.',
  }),
  'database-folder': entry<{ path: string; folder: string }>({
    severity: 'error',
    message: (p) => `the folder ${p.folder} of the database file does not exist`,
    hint: (p) => `make it (mkdir -p ${p.folder}), or correct \`path\` in profiles.yml`,
    explanation:
      'dml makes database files but not folders for them, since a missing folder is most often a misspelt path. Relative paths count from the folder dml was started in.',
  }),
  'database-open': entry<{ path: string; denied: boolean }>({
    severity: 'error',
    message: (p) => `the database ${p.path} cannot be opened`,
    hint: (p) =>
      p.denied
        ? 'this user needs the right to read and write the file, and to write in its folder'
        : 'look at `path` in the profile, at the rights on the file and its folder, and at the space left on the disk',
    explanation:
      'The engine could not open the database that the profile names; its own words are printed below. Frequent causes: no permission to write the file or its folder, or a full disk.',
  }),
  'database-setup': entry<{ path: string; key?: string | undefined }>({
    severity: 'error',
    message: (p) => `the database ${p.path} opened, but ${p.key === undefined ? 'its settings' : `\`${p.key}\` of the profile`} could not be applied`,
    hint: () => 'see `extensions`, `settings`, `secrets` and `attach` of the profile',
    explanation:
      'After opening, dml installs the extensions, sets the settings, makes the secrets and attaches the databases that the profile lists. One of these statements failed.',
  }),
  'extension-missing': entry<{ extension: string; key: string; version?: string | undefined }>({
    severity: 'error',
    message: (p) => `the DuckDB extension \`${p.extension}\`, which \`${p.key}\` of the profile needs, is not installed and could not be fetched`,
    hint: (p) =>
      `without a network, put ${p.extension}.duckdb_extension into EXTENSION_DIRECTORY/${p.version ?? 'vVERSION/PLATFORM'}/ and set config_options.extension_directory; extensions of others need \`repo: community\``,
    explanation:
      "DuckDB's extensions are files of exactly its own version and platform. They are looked for in `extension_directory` (usually below the home folder) and otherwise fetched from the repository of DuckDB, or from the `repo` that the profile names.",
  }),
  'motherduck-token': entry<{ profile: string }>({
    severity: 'error',
    message: (p) => `the profile \`${p.profile}\` is about MotherDuck, but there is no token for it`,
    hint: () => 'set `motherduck_token: "{{ env_var(\'MOTHERDUCK_TOKEN\') }}"` in the profile, or the variable MOTHERDUCK_TOKEN',
    explanation:
      'MotherDuck lets nobody in without an access token. It may stand in the profile (`motherduck_token`, also below `settings`), in the path, or in the environment.',
  }),
  'plugin-idle': entry<{ profile: string; what: string }>({
    severity: 'warning',
    message: (p) => `the profile \`${p.profile}\`: ${p.what} is Python code of dbt-duckdb and does nothing here`,
    hint: () => 'use what DuckDB does itself: `secrets` and httpfs for remote files, `attach` for other databases, `external_location` for files and lakes',
    explanation:
      'dbt-duckdb runs plugins and file systems in its own Python process. dml runs no Python; it does itself what the plugins `postgres`, `delta`, `excel` and `motherduck` do for sources. Nodes that need one of the others fail.',
  }),
  'plugin-python': entry<{ plugin: string; use: string }>({
    severity: 'error',
    message: (p) => `the plugin \`${p.plugin}\` is Python code of dbt-duckdb, which dml does not run: ${p.use}`,
    hint: (p) =>
      p.plugin === 'iceberg'
        ? `set \`external_location: "iceberg_scan('...')"\` on the source, with the extension iceberg`
        : p.plugin.startsWith('glue')
          ? 'leave `glue_register` out, and let a crawler or another tool register the files'
          : 'use `attach` for other databases, `external_location` for files, or `materialized: external` to write files',
    explanation:
      'dbt-duckdb runs plugins in its own Python process. dml runs no Python; the plugins `postgres`, `delta` and `excel` work for sources, since DuckDB does their work itself.',
  }),
  'server-unreachable': entry<{ server: string }>({
    severity: 'error',
    message: (p) => `no database server answers at ${p.server}`,
    hint: () => 'check `host` and `port` in profiles.yml, and that the server runs and lets this machine in',
    explanation:
      'The connection was refused, timed out, or the name of the host is not known. The profile says where the server is; `connect_timeout` says how long to wait (10 s), `retries` how often to try again.',
  }),
  'server-login': entry<{ server: string; user: string }>({
    severity: 'error',
    message: (p) => `the server at ${p.server} does not let the user \`${p.user}\` in`,
    hint: () => 'check `user`, `password` and `role` in profiles.yml',
    explanation:
      'The server answered and refused the user: an unknown user, a wrong or missing password, a role that the user may not take, or no rule that lets the user in from this machine.',
  }),
  'server-database': entry<{ server: string; database: string }>({
    severity: 'error',
    message: (p) => `the server at ${p.server} has no database \`${p.database}\``,
    hint: (p) => `make it (CREATE DATABASE "${p.database}"), or correct \`dbname\` in profiles.yml`,
    explanation: 'A connection is to one database of a server. dml makes schemas, but not databases.',
  }),
  'server-tls': entry<{ server: string; mode: string }>({
    severity: 'error',
    message: (p) => `no encrypted connection to ${p.server} can be made as \`sslmode: ${p.mode}\` asks for it`,
    hint: () => 'check `sslmode`, `sslrootcert`, `sslcert` and `sslkey` in profiles.yml',
    explanation:
      'The server offers no TLS, its certificate is not signed by the given authority or is for another host, or a certificate file of the profile cannot be read.',
  }),
  'server-refused': entry<{ server: string }>({
    severity: 'error',
    message: (p) => `the server at ${p.server} refused the connection`,
    explanation:
      'The server answered, but did not open a session. Its own words are printed below: for example, it is starting up, or all its connections are taken (lower `threads`).',
  }),
  'database-other': entry<{ relation: string; database: string }>({
    severity: 'error',
    message: (p) => `${p.relation} is in another database than \`${p.database}\`, which this connection is to`,
    hint: (p) => `leave \`database\` out, or set it to \`${p.database}\``,
    explanation:
      'A Postgres connection reaches one database. Nodes and sources of a project must all be in the database of the profile; a foreign data wrapper can bring in tables of others.',
  }),
  'config-value': entry<{ node: string; key: string; value: string; allowed: readonly string[] }>({
    severity: 'error',
    message: (p) => `\`${p.node}\`: ${p.key} cannot be ${p.value}`,
    hint: (p) => `possible: ${p.allowed.join(', ')}`,
    explanation:
      'A configuration of the node has a value that its materialization does not know. dbt takes some of these for the default without a word; dml stops before anything is changed.',
  }),
  'contract-failed': entry<{ node: string }>({
    severity: 'error',
    message: (p) => `\`${p.node}\` does not keep its contract: the names, types or number of its columns are not those of its YAML`,
    hint: () => 'change the query (a cast), or the columns of the contract',
    explanation:
      'A model with `contract: {enforced: true}` must give exactly the columns its YAML lists, with their data types. They are compared before anything is built.',
  }),
  'contract-empty': entry<{ node: string }>({
    severity: 'error',
    message: (p) => `\`${p.node}\` has an enforced contract, but its YAML lists no columns`,
    hint: () => 'list every column with its `data_type` under `columns:`',
    explanation: 'An enforced contract promises the columns of a model to those who read it; without columns there is nothing to promise.',
  }),
  'contract-untyped': entry<{ node: string; column: string }>({
    severity: 'error',
    message: (p) => `\`${p.node}\` has an enforced contract, but its column \`${p.column}\` has no data_type`,
    hint: () => 'add `data_type:` to the column',
    explanation: 'Every column of an enforced contract needs a data type, since the types are compared before the model is built.',
  }),
  'merge-duplicate-key': entry<{ node: string; keys: string; examples: readonly string[] }>({
    severity: 'error',
    message: (p) => `\`${p.node}\`: the new rows hold the unique_key (${p.keys}) more than once: ${p.examples.join('; ')}`,
    hint: () => 'keep one row for each key, e.g. qualify row_number() over (partition by ... order by ...) = 1',
    explanation:
      'A merge matches each new row with the row of the same unique_key. With a key twice, the outcome would depend on the order of rows, or the key would no longer be unique. The table was not changed.',
  }),
  'merge-null-key': entry<{ node: string; keys: string; column: string }>({
    severity: 'error',
    message: (p) => `\`${p.node}\`: the new rows hold a null in the unique_key${p.keys === p.column ? '' : ` (${p.keys})`}: \`${p.column}\` is null`,
    hint: (p) => `leave such rows out (where ${p.column} is not null), or give them a value (coalesce(${p.column}, ...))`,
    explanation:
      'A null equals nothing, not even another null: a row whose key is null matches no row of the table, and every run would add it once more. The table was not changed. The strategy `delete+insert` adds such rows again and again, as dbt does.',
  }),
  'unique-key-missing': entry<{ node: string; key: string; columns: readonly string[]; near?: string | undefined }>({
    severity: 'error',
    message: (p) => `\`${p.node}\`: the unique_key \`${p.key}\` is no column of the table`,
    hint: (p) =>
      p.near === undefined
        ? `its columns are ${p.columns.join(', ')}; a column that is new to the query needs --full-refresh`
        : `did you mean \`${p.near}\`? Its columns are ${p.columns.join(', ')}`,
    explanation:
      'An incremental model finds the rows to replace by the columns of its unique_key, so the table must have them. Postgres reads a name without quotes in lower case. The table was not changed.',
  }),
  'unique-key-reserved': entry<{ node: string; key: string; quoted: string }>({
    severity: 'error',
    message: (p) => `\`${p.node}\`: the unique_key \`${p.key}\` is a word of SQL, not a column, where it stands without quotes`,
    hint: (p) => `write it with quotes: unique_key='${p.quoted}'`,
    explanation:
      'The text of unique_key becomes part of a statement as it is. Words such as `order` break the statement; `user` is worse, since it means the name of the person who is logged in, and every row would match. The table was not changed.',
  }),
  'name-too-long': entry<{ name: string; bytes: number; most: number }>({
    severity: 'error',
    message: (p) => `the relation name \`${p.name}\` has ${p.bytes} bytes; the database keeps only the first ${p.most}`,
    hint: () => "give it a shorter name in the database with `alias`, e.g. {{ config(alias='...') }}",
    explanation:
      'Postgres cuts longer names off without an error: two relations could become one, and dml would not find again what it has made. Nothing was changed.',
  }),
  'schema-refused': entry<{ schema: string }>({
    severity: 'error',
    message: (p) => `the schema \`${p.schema}\` cannot be made`,
    hint: () => 'have the schema made by somebody who may, or name another one under `schema` in the profile',
    explanation: 'dml makes the schemas that a run writes to where they are missing. The database refused; its own words stand below. Nothing was run.',
  }),
  'schema-changed': entry<{ node: string; added: readonly string[]; removed: readonly string[]; retyped: readonly string[] }>({
    severity: 'error',
    message: (p) =>
      `\`${p.node}\`: the columns of the query are not those of the table` +
      `${p.added.length ? `; new: ${p.added.join(', ')}` : ''}${p.removed.length ? `; gone: ${p.removed.join(', ')}` : ''}${p.retyped.length ? `; other type: ${p.retyped.join(', ')}` : ''}`,
    hint: () => 'set on_schema_change to append_new_columns or sync_all_columns, or build it anew with --full-refresh',
    explanation: 'The incremental model has `on_schema_change: fail` and its query gives other columns than its table has. Nothing was changed.',
  }),
  'schema-rebuilt': entry<{ node: string; added: readonly string[]; removed: readonly string[]; retyped: readonly string[] }>({
    severity: 'note',
    message: (p) =>
      `\`${p.node}\` is built anew, since the columns of its query are not those of the table` +
      `${p.added.length ? `; new: ${p.added.join(', ')}` : ''}${p.removed.length ? `; gone: ${p.removed.join(', ')}` : ''}${p.retyped.length ? `; other type: ${p.retyped.join(', ')}` : ''}`,
    explanation: 'The incremental model has `on_schema_change: full_refresh`: when its columns change, all of it is built again as with `--full-refresh`.',
  }),
  'incremental-replaces-view': entry<{ node: string; name: string; type: string }>({
    severity: 'note',
    message: (p) => `\`${p.node}\`: a ${p.type} stood where its table belongs; the table is built from the whole query, in the ${p.type}'s place`,
    hint: (p) => `nothing to do, if the model was a ${p.type} before; else see who makes ${p.name}`,
    explanation:
      'An incremental model adds to a table. Where something else has its name, there are no rows to add to: as in dbt, it is replaced by a table with all rows of the query.',
  }),
  'schema-retyped': entry<{ node: string; changed: readonly string[]; followed: boolean }>({
    severity: 'warning',
    message: (p) => `\`${p.node}\`: the types of columns ${p.followed ? 'were changed' : 'are not those of the table'}: ${p.changed.join(', ')}`,
    hint: (p) => (p.followed ? undefined : 'the table keeps its types: build it anew with --full-refresh, or set on_schema_change to sync_all_columns'),
    explanation:
      'The query of an incremental model gives a column another type than the one it has in the table. Only `sync_all_columns` changes the type in the table.',
  }),
  'backfill-key': entry<{ node: string }>({
    severity: 'error',
    message: (p) => `\`${p.node}\` has on_schema_change \`backfill\` and no unique_key`,
    hint: () => 'set `unique_key`, or use append_new_columns or full_refresh',
    explanation: 'Rows that are there are given the values of new columns by their key.',
  }),
  'seed-ragged': entry<{ node: string; fields: number; columns: number; other?: string | undefined }>({
    severity: 'error',
    message: (p) => `\`${p.node}\`: this row has ${p.fields} ${p.fields === 1 ? 'field' : 'fields'}, the header has ${p.columns}`,
    hint: (p) =>
      p.other === undefined
        ? 'a value that holds the delimiter or a line end must stand in double quotes'
        : `is the delimiter ${p.other === '\t' ? 'a tab' : `\`${p.other}\``}? Set the seed's \`delimiter\``,
    explanation: 'All rows of a seed must have as many fields as its header. Nothing of the seed was loaded.',
  }),
  'seed-delimiter': entry<{ node: string; header: string; delimiter: string }>({
    severity: 'error',
    message: (p) => `\`${p.node}\`: the header is one column, \`${p.header}\``,
    hint: (p) => `set \`delimiter: "${p.delimiter === '\t' ? '\\t' : p.delimiter}"\` in the seed's config`,
    explanation:
      'The header of the seed looks as if its columns were split by another character than the comma that seeds use unless `delimiter` says otherwise.',
  }),
  'seed-empty': entry<{ node: string }>({
    severity: 'error',
    message: (p) => `\`${p.node}\`: the file is empty`,
    hint: () => 'a seed starts with a line of column names',
    explanation: 'A seed needs at least a header, which names the columns of its table.',
  }),
  'seed-column-renamed': entry<{ node: string; column: number; from: string; to: string }>({
    severity: 'warning',
    message: (p) =>
      p.from === ''
        ? `\`${p.node}\`: column ${p.column} has no name and is called \`${p.to}\``
        : `\`${p.node}\`: there is a column \`${p.from}\` already, and column ${p.column} is called \`${p.to}\``,
    hint: () => 'give every column of the header a name of its own',
    explanation: 'The columns of a table have names that differ: a seed whose header repeats one, or leaves one out, gets new ones, the same as in dbt.',
  }),
  'seed-unreadable': entry<{ node: string; file: string }>({
    severity: 'error',
    message: (p) => `\`${p.node}\`: the file ${p.file} cannot be read`,
    explanation: "The seed's file was there when the project was read but cannot be opened now. The system's own words are printed below.",
  }),
  'seed-not-utf8': entry<{ node: string; byte: number }>({
    severity: 'error',
    message: (p) => `\`${p.node}\`: byte ${p.byte} of this line is not UTF-8`,
    hint: () => 'save the file as UTF-8, e.g. iconv -f latin1 -t utf-8',
    explanation: 'Seeds are read as UTF-8. The file holds bytes that no UTF-8 text has; it was probably saved in another encoding such as Latin-1.',
  }),
  'seed-not-table': entry<{ node: string; type: string }>({
    severity: 'error',
    message: (p) => `\`${p.node}\`: a ${p.type} of this name stands where the seed's table should be`,
    hint: () => 'drop it, or let dml do so with --full-refresh',
    explanation: "A seed never takes the place of a view unless it is built with --full-refresh, because the view may be somebody else's.",
  }),
  'seed-columns': entry<{ node: string; missing: readonly string[]; extra: readonly string[] }>({
    severity: 'error',
    message: (p) =>
      `\`${p.node}\`: the columns of the file are not those of its table` +
      `${p.missing.length ? `; only in the file: ${p.missing.join(', ')}` : ''}${p.extra.length ? `; only in the table: ${p.extra.join(', ')}` : ''}`,
    hint: () => 'run it with --full-refresh to make the table anew',
    explanation: 'A seed that was loaded before is emptied and filled again, which needs the same columns. The table was not changed.',
  }),
  'snapshot-config': entry<{ node: string; problem: string }>({
    severity: 'error',
    message: (p) => `the snapshot \`${p.node}\`: ${p.problem}`,
    explanation: 'A snapshot needs a strategy (`timestamp` with `updated_at`, or `check` with `check_cols`) and a `unique_key`.',
  }),
  'snapshot-key': entry<{ node: string; keys: string; twice: readonly string[]; empty: string | undefined }>({
    severity: 'warning',
    message: (p) =>
      `\`${p.node}\`: the unique_key (${p.keys}) does not tell the rows of the query apart: ${p.twice.length > 0 ? p.twice.join('; ') : `\`${p.empty}\` is null`}`,
    hint: () => 'let the query give one row for each key, and leave out rows without one',
    explanation:
      'A snapshot keeps versions by their key. With a key twice it has two present versions, and a row whose key is null gets a new version from every run. The rows were written as dbt writes them.',
  }),
  'snapshot-target': entry<{ node: string; missing: readonly string[] }>({
    severity: 'error',
    message: (p) => `\`${p.node}\`: the table in the place of the snapshot lacks ${p.missing.join(', ')}`,
    hint: () => 'rename the table away, or name its columns with snapshot_meta_column_names',
    explanation:
      'The table exists but does not look as a snapshot made it: it lacks columns that keep the versions apart. dml never rebuilds a snapshot, since its history cannot be had again.',
  }),
  'snapshot-not-table': entry<{ node: string; type: string }>({
    severity: 'error',
    message: (p) => `\`${p.node}\`: a ${p.type} of this name stands where the snapshot's table should be`,
    hint: () => 'drop or rename it',
    explanation: 'A snapshot keeps its history in a table and does not take the place of anything else.',
  }),
  'test-result': entry<{ node: string; calc: string }>({
    severity: 'error',
    message: (p) => `\`${p.node}\`: fail_calc \`${p.calc}\` gave no number`,
    hint: () => 'over no rows, sum() and max() are NULL: wrap them in coalesce(..., 0)',
    explanation: 'A test is judged by one number, which fail_calc computes over the failing rows. It must be a number also when there are none.',
  }),
} as const;
