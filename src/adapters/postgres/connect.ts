import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ConnectionOptions } from 'node:tls';
import pg from 'pg';
import { DiagnosticError, diagnostic } from '../../text/index.ts';
import { connectError, isPassing, isWithoutTls, serverOf } from './errors.ts';
import type { PostgresProfile } from './profile.ts';

/** The part of the driver's connection that its types leave out. */
interface Told {
  readonly connection: { on(event: 'parameterStatus', take: (message: { readonly parameterName: string; readonly parameterValue: string }) => void): void };
}

/** Connects as a profile says; one for all sessions of a warehouse, so that what was learnt of the server is learnt once. */
export class Connector {
  private readonly profile: PostgresProfile;
  private readonly directory: string;
  /** What to try, in order, as libpq does for `allow` and `prefer`. */
  private ways: readonly boolean[];
  /** The server's version as it tells it when a connection is made, e.g. `15.18`; empty before the first. */
  version = '';

  constructor(profile: PostgresProfile, directory: string) {
    this.profile = profile;
    this.directory = directory;
    const { sslMode } = profile;
    const plain = profile.host.startsWith('/') || sslMode === 'disable';
    this.ways = plain ? [false] : sslMode === 'prefer' ? [true, false] : sslMode === 'allow' ? [false, true] : [true];
  }

  /**
   * A connection that is ready; throws a DiagnosticError that says why there is none. `pipeline`: statements are sent without waiting for the
   * answers of those before them; such a connection takes no cursors and no COPY.
   */
  async connect(pipeline = false): Promise<pg.Client> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.anyWay(pipeline);
      } catch (error) {
        if (attempt >= this.profile.retries || !isPassing(error)) throw connectError(error, this.profile);
        await new Promise((wake) => setTimeout(wake, attempt * attempt * 1000));
      }
    }
  }

  private async anyWay(pipeline: boolean): Promise<pg.Client> {
    let first: unknown;
    for (const tls of this.ways) {
      try {
        const client = await this.once(tls, pipeline);
        this.ways = [tls];
        return client;
      } catch (error) {
        // Without an answer the second way has none either; and what a server says of a user is worth more than that it has no TLS.
        if (isPassing(error)) throw error;
        if (first === undefined || isWithoutTls(first)) first = error;
      }
    }
    throw first;
  }

  private async once(tls: boolean, pipeline: boolean): Promise<pg.Client> {
    const p = this.profile;
    const client = new pg.Client({
      pipeline,
      host: p.host,
      port: p.port,
      user: p.user,
      password: p.password,
      database: p.database,
      connectionTimeoutMillis: p.connectTimeout,
      application_name: p.applicationName,
      keepAlive: true,
      keepAliveInitialDelayMillis: p.keepAlive,
      ssl: tls ? this.tls() : false,
      ...(p.searchPath !== undefined && { options: `-c search_path=${p.searchPath.replace(/[ \\]/g, '\\$&')}` }),
      ...(p.statementTimeout > 0 && { statement_timeout: p.statementTimeout }),
      ...(p.lockTimeout > 0 && { lock_timeout: p.lockTimeout }),
    });
    // A connection that breaks between two statements says so here; the next statement fails with it.
    client.on('error', () => undefined);
    (client as unknown as Told).connection.on('parameterStatus', ({ parameterName, parameterValue }) => {
      if (parameterName === 'server_version') this.version = parameterValue;
    });
    try {
      await client.connect();
      // Dates are read in this form only; the order of day and month that the server has stays. Notices say what a drop has taken along.
      await client.query(`set datestyle to 'ISO'; set client_min_messages to notice`);
      if (p.role !== undefined) await client.query(`set role ${/^[a-z_][a-z0-9_$]*$/i.test(p.role) ? p.role : pg.escapeIdentifier(p.role)}`);
      return client;
    } catch (error) {
      // Not waited for: of a connection that never was, or is broken, the driver hears no end.
      void client.end().catch(() => undefined);
      throw error;
    }
  }

  private tls(): ConnectionOptions {
    const { sslMode, sslCert, sslKey, sslRootCert, host } = this.profile;
    // As libpq: with an authority at hand, `require` checks the certificate too.
    const verify = sslMode === 'verify-ca' || sslMode === 'verify-full' || (sslMode === 'require' && sslRootCert !== undefined);
    return {
      rejectUnauthorized: verify,
      ...(sslMode !== 'verify-full' && { checkServerIdentity: () => undefined }),
      ...(sslCert !== undefined && { cert: this.file(sslCert) }),
      ...(sslKey !== undefined && { key: this.file(sslKey) }),
      ...(sslRootCert !== undefined && sslRootCert !== 'system' && { ca: this.file(sslRootCert) }),
      ...(!/^[\d.]+$|:/.test(host) && { servername: host }),
    };
  }

  private file(path: string): string {
    try {
      return readFileSync(resolve(this.directory, path), 'utf8');
    } catch (error) {
      const cause = error instanceof Error ? error.message : String(error);
      throw new DiagnosticError(diagnostic('server-tls', { server: serverOf(this.profile), mode: this.profile.sslMode }, { cause }));
    }
  }
}
