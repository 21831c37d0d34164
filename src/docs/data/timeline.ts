import type { Facts } from './facts.ts';
import { healthOf } from './history.ts';
import { listOf, mapOf } from './json.ts';
import type { BarsFile, Health, Id, TimelineFile } from './types.ts';

const BARS_A_FILE = 4000;

/** The last invocation that built something, as bars in lanes, and the chain in it that took longest. */
export function timelineOf(facts: Facts): { readonly timeline: TimelineFile; readonly files: readonly BarsFile[] } {
  const { build, invocations } = facts.history;
  if (!build) return { timeline: { bars: 0, lanes: 0, critical: [], criticalSeconds: 0 }, files: [] };
  const ran = build.results.filter((r) => healthOf(r.status) !== 'skip').sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));
  // What dml did before, such as reading the project, is no part of the picture.
  const origin = ran[0]?.at ?? 0;
  const free: number[] = [];
  const lanes = ran.map(({ at, seconds }) => {
    // A hair's breadth of overlap is a matter of rounding.
    const lane = free.findIndex((end) => end <= at + 0.002);
    const chosen = lane === -1 ? free.length : lane;
    free[chosen] = at + seconds;
    return chosen;
  });
  const files: BarsFile[] = [];
  for (let first = 0; first < ran.length; first += BARS_A_FILE) {
    const part = ran.slice(first, first + BARS_A_FILE);
    files.push({
      first,
      id: part.map((r) => r.id),
      lane: lanes.slice(first, first + BARS_A_FILE),
      start: part.map((r) => Math.round((r.at - origin) * 1000) / 1000),
      seconds: part.map((r) => r.seconds),
      health: part.map((r): Health => healthOf(r.status)),
    });
  }
  const chain = longest(facts, new Map(ran.map((r) => [r.id, r.seconds])));
  const invocation = invocations.find((i) => i.id === build.id);
  return { timeline: { ...(invocation && { invocation }), bars: ran.length, lanes: free.length, ...chain }, files };
}

/** The chain of nodes, each built from the one before, whose seconds add up to most. Tests hold up what is built from their nodes, as in `build`. */
function longest(facts: Facts, seconds: ReadonlyMap<Id, number>): { readonly critical: readonly Id[]; readonly criticalSeconds: number } {
  const best = new Map<Id, { readonly total: number; readonly before: Id | undefined }>();
  const begun = new Set<Id>();
  const visit = (start: Id): void => {
    const stack = [start];
    for (let id = stack.at(-1); id !== undefined; id = stack.at(-1)) {
      const before = beforeOf(facts, id);
      // What has begun and has no result closes a cycle, which only a manifest written by hand can hold.
      const missing = begun.has(id) ? [] : before.filter((b) => !begun.has(b));
      begun.add(id);
      stack.push(...missing);
      if (missing.length > 0) continue;
      stack.pop();
      if (best.has(id)) continue;
      let most: Id | undefined;
      for (const b of before) if ((best.get(b)?.total ?? 0) > (best.get(most ?? '')?.total ?? 0)) most = b;
      best.set(id, { total: (best.get(most ?? '')?.total ?? 0) + (seconds.get(id) ?? 0), before: most });
    }
  };
  let last: Id | undefined;
  for (const id of seconds.keys()) {
    visit(id);
    if ((best.get(id)?.total ?? 0) > (best.get(last ?? '')?.total ?? 0)) last = id;
  }
  const critical: Id[] = [];
  for (let id = last; id !== undefined; id = best.get(id)?.before) if (seconds.has(id)) critical.unshift(id);
  return { critical, criticalSeconds: Math.round((best.get(last ?? '')?.total ?? 0) * 1000) / 1000 };
}

/** What a node waits for: its parents and the tests that read nothing else; a test waits for what it reads. */
function beforeOf(facts: Facts, id: Id): readonly Id[] {
  const entry = facts.byId.get(id);
  if (!entry) return readBy(facts, id);
  return entry.parents.flatMap((p) => [p, ...(facts.testsOf.get(p) ?? []).filter((t) => readBy(facts, t).length === 1)]);
}

function readBy(facts: Facts, test: Id): readonly Id[] {
  return listOf(mapOf(mapOf(facts.tests.get(test))['depends_on'])['nodes']).map(String);
}
