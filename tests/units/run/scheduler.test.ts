import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Session } from '../../../src/adapters/index.ts';
import type { Step } from '../../../src/plan/index.ts';
import type { NodeResult } from '../../../src/run/index.ts';
import { schedule } from '../../../src/run/scheduler.ts';

// The scheduler hands sessions out and never uses them.
const sessions = (n: number): Session[] => Array.from({ length: n }, () => ({}) as Session);

function steps(parents: readonly (readonly number[])[]): Step[] {
  const depths: number[] = [];
  for (const list of parents) depths.push(list.length === 0 ? 0 : 1 + Math.max(...list.map((p) => depths[p] as number)));
  const all = parents.map((list, i) => ({ id: `n${i}`, dependsOn: list.map((p) => `n${p}`), depth: depths[i], reason: '', hidden: false }) as unknown as Step);
  return all.sort((a, b) => a.depth - b.depth || Number(a.id.slice(1)) - Number(b.id.slice(1)));
}

const graphs = fc
  .integer({ min: 1, max: 25 })
  .chain((n) => fc.tuple(...Array.from({ length: n }, (_, i) => fc.uniqueArray(fc.nat(Math.max(0, i - 1)), { maxLength: i === 0 ? 0 : 3 }))));
const result = (id: string, status: NodeResult['status'], skippedFor?: string): NodeResult =>
  ({ unique_id: id, status, ...(skippedFor !== undefined && { skippedFor }) }) as NodeResult;

test('every step runs once, after its parents, at most one on a session; what is below a failed one is skipped', async () => {
  await fc.assert(
    fc.asyncProperty(
      graphs,
      fc.integer({ min: 1, max: 4 }),
      fc.array(fc.boolean(), { minLength: 25, maxLength: 25 }),
      fc.array(fc.nat(3), { minLength: 25, maxLength: 25 }),
      async (parents, width, ok, pauses) => {
        const busy = new Set<Session>();
        const ended = new Set<string>();
        const list = steps(parents);
        const results = await schedule(list, sessions(width), {
          stopped: () => false,
          blocks: (r) => r.status !== 'success',
          skip: (step, cause) => result(step.id, 'skipped', cause),
          run: async (step, session) => {
            expect(busy.has(session)).toBe(false);
            for (const p of step.dependsOn) expect(ended.has(p)).toBe(true);
            busy.add(session);
            const n = Number(step.id.slice(1));
            for (let i = 0; i < (pauses[n] as number); i++) await Promise.resolve();
            busy.delete(session);
            ended.add(step.id);
            return result(step.id, ok[n] ? 'success' : 'error');
          },
        });
        expect(results.map((r) => r.unique_id).sort()).toEqual(list.map((s) => s.id).sort());
        const by = new Map(results.map((r) => [r.unique_id, r]));
        for (const s of list) {
          const blocked = s.dependsOn.some((p) => by.get(p)?.status !== 'success');
          expect(by.get(s.id)?.status === 'skipped').toBe(blocked);
          if (blocked) expect(by.get(by.get(s.id)?.skippedFor ?? '')?.status).toBe('error');
        }
      },
    ),
    { numRuns: 150 },
  );
});

test('on one session the order is that of the plan', async () => {
  const order: string[] = [];
  await schedule(steps([[], [], [0], [0, 1], []]), sessions(1), {
    stopped: () => false,
    blocks: () => false,
    skip: (s, cause) => result(s.id, 'skipped', cause),
    run: async (s) => {
      order.push(s.id);
      return result(s.id, 'success');
    },
  });
  expect(order).toEqual(['n0', 'n1', 'n4', 'n2', 'n3']);
});

test('nothing is started once the run is stopped, and a mistake of ours is thrown', async () => {
  let stopped = false;
  const work = (fails: boolean) => ({
    stopped: () => stopped,
    blocks: () => false,
    skip: (s: Step, cause: string) => result(s.id, 'skipped', cause),
    run: async (s: Step) => {
      if (fails) throw new Error('ours');
      stopped = true;
      return result(s.id, 'success');
    },
  });
  expect(await schedule(steps([[], [0], []]), sessions(1), work(false))).toHaveLength(1);
  stopped = false;
  await expect(schedule(steps([[], [0]]), sessions(2), work(true))).rejects.toThrow('ours');
});

test('steps that go together begin on one session once they are ready, and what is not told has not been run', async () => {
  await fc.assert(
    fc.asyncProperty(graphs, fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 4 }), async (parents, width, kinds) => {
      const list = steps(parents);
      const kind = (s: Step): number => Number(s.id.slice(1)) % kinds;
      const ended = new Set<string>();
      const busy = new Set<Session>();
      let together = 0;
      let most = 0;
      const begin = (step: Step): void => {
        for (const p of step.dependsOn) expect(ended.has(p)).toBe(true);
        expect(ended.has(step.id)).toBe(false);
      };
      const results = await schedule(list, sessions(width), {
        stopped: () => false,
        blocks: () => false,
        skip: (step) => result(step.id, 'skipped'),
        run: async (step) => {
          begin(step);
          await Promise.resolve();
          ended.add(step.id);
          return result(step.id, 'success');
        },
        together: {
          mates: (step) => (kind(step) === 0 ? list.filter((s) => kind(s) === 0) : []),
          run: async (all, session, _, tell) => {
            expect(busy.has(session)).toBe(false);
            busy.add(session);
            for (const step of all) begin(step);
            await Promise.resolve();
            for (const step of all) {
              ended.add(step.id);
              tell(result(step.id, 'success'));
            }
            busy.delete(session);
            together += all.length;
            most = Math.max(most, all.length);
          },
        },
      });
      expect(results.map((r) => r.unique_id).sort()).toEqual(list.map((s) => s.id).sort());
      const free = list.filter((s) => kind(s) === 0 && s.dependsOn.length === 0).length;
      expect(together).toBe(list.filter((s) => kind(s) === 0).length);
      expect(most).toBeGreaterThanOrEqual(free);
    }),
    { numRuns: 100 },
  );
});
