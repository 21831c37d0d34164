import type { HistoryRecord } from '../../report/index.ts';
import type { JsonMap } from './json.ts';

/** What a site is made of: dbt's artifacts, whoever wrote them. What is undefined was not there. */
export interface Artifacts {
  /** manifest.json, version 4 to 12. */
  readonly manifest: JsonMap;
  readonly catalog?: JsonMap | undefined;
  /** dml_sizes.json: rows and bytes of tables by the ids of nodes and sources. */
  readonly sizes?: JsonMap | undefined;
  /** run_results.json and sources.json. */
  readonly results?: JsonMap | undefined;
  readonly sources?: JsonMap | undefined;
  /** Oldest first. */
  readonly history: readonly HistoryRecord[];
  /** The project's README. */
  readonly readme?: string | undefined;
}
