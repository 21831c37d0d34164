import * as z from 'zod/mini';

// Functions, so that commands that need no connection do not pay for making them.

/** The keys of a DuckDB output in profiles.yml, beyond those of every engine. Unknown keys pass, as in dbt. */
export function duckdbOutput() {
  const text = z.optional(z.nullable(z.string()));
  const flag = z.optional(z.nullable(z.boolean()));
  const scalar = z.union([z.string(), z.number(), z.boolean()]);
  const anything = z.optional(z.nullable(z.record(z.string(), z.unknown())));
  const settings = z.optional(z.nullable(z.record(z.string(), scalar)));

  const attachment = z.object({
    path: z.string().check(said('A file, a URL, or the connection string of another engine.')),
    type: text,
    alias: text,
    secret: text,
    read_only: flag,
    options: z.optional(z.nullable(z.record(z.string(), z.nullable(scalar)))),
    is_ducklake: flag,
  });
  const secret = z.looseObject({
    type: z.string().check(said('What the secret is for: s3, gcs, r2, azure, http, postgres, ...')),
    name: text,
    provider: text,
    persistent: flag,
    scope: z.optional(z.nullable(z.union([z.string(), z.array(z.string())]))),
  });
  const plugin = z.object({ module: z.string(), alias: text, config: anything });
  const retries = z.looseObject({
    connect_attempts: z.optional(z.number()),
    query_attempts: z.optional(z.nullable(z.number())),
    retryable_exceptions: z.optional(z.nullable(z.array(z.string()))),
  });

  return z.looseObject({
    path: text.check(said('The database file, relative to the current folder; `:memory:`, `md:NAME` or `ducklake:PATH`. Default: :memory:.')),
    database: z.optional(z.string()).check(said('The name of the file up to its first dot, or the alias of an attached database.')),
    extensions: z
      .optional(z.nullable(z.array(z.union([z.string(), z.object({ name: z.string(), repo: z.string() })]))))
      .check(said('Extensions to install and load: names, or {name, repo}.')),
    settings: settings.check(said("DuckDB's settings, set on every connection.")),
    config_options: settings.check(said("DuckDB's options that must be given when it opens.")),
    secrets: z.optional(z.nullable(z.array(secret))).check(said('Secrets for remote files and databases.')),
    attach: z.optional(z.nullable(z.array(attachment))).check(said('Databases to attach.')),
    external_root: z.optional(z.string()).check(said('The folder of the files of external models. Default: the current one.')),
    retries: z.optional(z.nullable(retries)).check(said('How often to try to open the file, and to send a statement again.')),
    disable_transactions: flag.check(said('Every statement by itself.')),
    keep_open: flag.check(said('Has no effect: dml opens the file once a run.')),
    is_ducklake: flag.check(said('The path leads to a DuckLake, though it does not say so.')),
    plugins: z
      .optional(z.nullable(z.array(plugin)))
      .check(said('Plugins of dbt-duckdb. dml knows motherduck, postgres, delta and excel; the others are Python.')),
    filesystems: z.optional(z.nullable(z.array(z.record(z.string(), z.unknown())))).check(said("File systems of Python's fsspec: no effect in dml.")),
    remote: anything.check(said('A Buena Vista server: not possible in dml.')),
    use_credential_provider: text.check(said('`aws`: the same as a secret of type s3 with the provider credential_chain.')),
    motherduck_token: text.check(said('The access token of MotherDuck.')),
    module_paths: z.optional(z.nullable(z.array(z.string()))).check(said('Folders of Python modules: no effect in dml.')),
    flights: anything.check(said('Where MotherDuck runs Python models: no effect in dml.')),
  });
}

/** A DuckDB output whose keys have the right shapes. */
export type DuckdbOutput = z.infer<ReturnType<typeof duckdbOutput>>;
/** One entry of `attach`. */
export type Attachment = NonNullable<DuckdbOutput['attach']>[number];
/** One entry of `secrets`. */
export type Secret = NonNullable<DuckdbOutput['secrets']>[number];
/** One entry of `plugins`. */
export type Plugin = NonNullable<DuckdbOutput['plugins']>[number];

/** How much TLS a connection must have, as libpq names it. */
export const sslModes = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;

/** The keys of a Postgres output in profiles.yml, beyond those of every engine; `dbname` and `pass` are other names of `database` and `password`. Unknown keys pass, as in dbt. */
export function postgresOutput() {
  const text = z.optional(z.nullable(z.string()));
  // `env_var` answers text: numbers may come as such.
  const whole = z.pipe(
    z.union([z.number(), z.string().check(z.regex(/^\d+$/, 'it must be a whole number'))]),
    z.transform((value) => Number(value)),
  );
  const count = z.optional(z.nullable(whole));

  return z.looseObject({
    host: z.string().check(said('Name or address of the server, or the folder of its Unix socket.')),
    user: z.string().check(said('Who connects.')),
    password: z.optional(z.nullable(z.union([z.string(), z.number()]))).check(said('The password; `pass` is another name for it.')),
    port: count.check(said('Default: 5432.')),
    role: text.check(said('The role to take after connecting.')),
    search_path: text.check(said("The session's search path.")),
    connect_timeout: count.check(said('Seconds to wait for a connection. Default: 10.')),
    keepalives_idle: count.check(said('Seconds of silence before the system asks whether the server is still there. Default: 0, what the system has.')),
    sslmode: z.optional(z.nullable(z.enum(sslModes))).check(said('Default: prefer.')),
    sslcert: text.check(said("PEM file of the client's certificate.")),
    sslkey: text.check(said("PEM file of the client's key.")),
    sslrootcert: text.check(said('PEM file of the authorities that may sign the certificate of the server.')),
    application_name: text.check(said('Shown in pg_stat_activity. Default: dbt.')),
    retries: count.check(said('How often to try again where nobody answers or the server has no room. Default: 1.')),
    statement_timeout: count.check(said('Milliseconds after which the server gives a statement up. Default: 0, what the server has.')),
    lock_timeout: count.check(said('Milliseconds to wait for a lock. Default: 0, what the server has.')),
  });
}

/** A Postgres output whose keys have the right shapes. */
export type PostgresOutput = z.infer<ReturnType<typeof postgresOutput>>;

const said = (description: string) => z.describe<unknown>(description);
