import type { NotificationRoute } from '../read/index.ts';
import { find, isTest, responsibleFor, subjectOf, tagsOf } from '../report/index.ts';
import type { Manifest, Resource } from '../resolve/index.ts';
import type { NodeResult, RunReport, Status } from '../run/index.ts';
import { select, wildcard } from '../select/index.ts';
import type { Sink } from '../text/index.ts';

type RouteStatus = NonNullable<NotificationRoute['statuses']>[number];

/** The results of a run that a notification of dml.yml is about. A selection that cannot be understood, or finds nothing, is told to the sink. */
export function resultsFor(route: NotificationRoute, run: RunReport, manifest: Manifest, sink: Sink): readonly NodeResult[] {
  const statuses: ReadonlySet<RouteStatus> = new Set(route.statuses ?? ['fail', 'error']);
  const ids = route.select && select(manifest, { select: route.select, exclude: [], indirect: 'eager', types: new Set(TYPES) }, sink)?.ids;
  return run.results.filter((result) => {
    const kind = KINDS[result.status];
    const r = find(manifest, result.unique_id);
    if (kind === undefined || !statuses.has(kind) || !r) return false;
    if (route.select && !ids?.has(result.unique_id)) return false;
    if (route.owners && !isOwnedBy(r, manifest, route.owners)) return false;
    return !route.tags || tagsAround(r, manifest).some((tag) => route.tags?.includes(tag));
  });
}

const KINDS: Readonly<Partial<Record<Status, RouteStatus>>> = {
  fail: 'fail',
  error: 'error',
  'runtime error': 'error',
  'partial success': 'error',
  warn: 'warn',
  skipped: 'skipped',
};

/** What a run has results of. */
const TYPES = ['model', 'seed', 'snapshot', 'test', 'unit_test', 'source', 'function', 'exposure', 'saved_query'];

/** Whether one of the patterns is a name or an address of whom to ask, or all that is said of them. */
function isOwnedBy(r: Resource, manifest: Manifest, owners: readonly string[]): boolean {
  const owner = responsibleFor(r, manifest)?.toLowerCase() ?? '';
  const names = [owner, ...owner.split(/[,<>]/).map((name) => name.trim())].filter((name) => name !== '');
  return owners.some((pattern) => names.some(wildcard(pattern.toLowerCase())));
}

/** The tags of a resource and, of a test, those of what it looks at. */
function tagsAround(r: Resource, manifest: Manifest): readonly string[] {
  const subject = isTest(r) ? find(manifest, subjectOf(r) ?? '') : undefined;
  return [...tagsOf(r), ...(subject ? tagsOf(subject) : [])];
}
