import type { JsonMap } from '../resolve/index.ts';
import { micros } from './log.ts';

/** What every artifact says about the run that wrote it. Times are milliseconds since the epoch. */
export interface ArtifactContext {
  /** The dbt version dml answers for. */
  readonly dbtVersion: string;
  readonly generatedAt: number;
  readonly startedAt: number;
  readonly invocationId: string;
  /** `DBT_ENV_CUSTOM_ENV_*` variables without their prefix. */
  readonly customEnv: { readonly [name: string]: string };
}

/** The `metadata` block of an artifact of one kind, e.g. `run-results/v6`. */
export function metadata(kind: string, c: ArtifactContext): JsonMap {
  return {
    dbt_schema_version: `https://schemas.getdbt.com/dbt/${kind}.json`,
    dbt_version: c.dbtVersion,
    generated_at: micros(c.generatedAt),
    invocation_id: c.invocationId,
    invocation_started_at: micros(c.startedAt),
    env: c.customEnv,
  };
}
