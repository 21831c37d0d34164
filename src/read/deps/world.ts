import { type Code, type Diagnostic, diagnostic, type Extra, type Params, type Sink, type YamlMap } from '../../text/index.ts';

/** The answer to a GET request. */
export interface Reply {
  readonly status: number;
  readonly body: Uint8Array;
}

/** Everything of the outside that installing packages touches besides files. */
export interface DepsWorld {
  /** Absolute. */
  readonly projectDir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The variables of the command line. */
  readonly vars: YamlMap;
  /** Where fetched packages are kept between runs, absolute; made when it is needed. */
  readonly cacheDir: string;
  /** Use the cache only. */
  readonly offline: boolean;
  /** The dbt version that packages of the index must work with; undefined: any. */
  readonly dbtVersion: string | undefined;
  /** GET; throws where there is no answer at all. Follows redirects. */
  readonly get: (url: string) => Promise<Reply>;
  /** Resolves after so many milliseconds: the pause before a request is tried again. */
  readonly wait: (milliseconds: number) => Promise<void>;
  /** Tells what is being done, under dbt's event name and code. */
  readonly say: (name: string, code: string, message: string, data: Readonly<Record<string, string>>, level?: 'debug' | 'info') => void;
}

/** Replaces the values of secret environment variables by asterisks. */
export function scrubber(env: DepsWorld['env']): (text: string) => string {
  const secrets = Object.entries(env).flatMap(([name, value]) => (name.startsWith('DBT_ENV_SECRET') && value ? [value] : []));
  // A secret that holds another one goes first.
  secrets.sort((a, b) => b.length - a.length);
  return (text) => secrets.reduce((t, secret) => t.replaceAll(secret, '*****'), text);
}

/** A sink in front of another one that keeps secrets out of every message. */
export function scrubbed(sink: Sink, scrub: (text: string) => string): Sink {
  const push = (d: Diagnostic): void =>
    sink.push({
      ...d,
      message: scrub(d.message),
      ...(d.hint !== undefined && { hint: scrub(d.hint) }),
      ...(d.cause !== undefined && { cause: scrub(d.cause) }),
      ...(d.related && { related: d.related.map((r) => ({ ...r, message: scrub(r.message) })) }),
    });
  return { push, add: <C extends Code>(code: C, params: Params<C>, extra?: Extra) => push(diagnostic(code, params, extra)) };
}
