// Every query of tests/cases/metrics answers what MetricFlow answers, on both engines.
import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createProject, type Project } from '../../src/index.ts';
import { dml } from '../command.ts';
import { type Answer, answersOf, expectAnswer } from '../metrics.ts';
import { type Both, type Engine, onBoth } from './both.ts';

const answers = answersOf('golden.json').map((answer): [string, Answer] => [JSON.stringify(answer.query), answer]);

let both: Both;
const projects = new Map<Engine, Project>();

beforeAll(async () => {
  both = await onBoth('metrics');
  fs.cpSync(path.resolve(import.meta.dirname, '../cases/metrics/project'), both.dir, { recursive: true });
  for (const engine of both.engines) {
    const built = await dml(['build', '--target', engine], both.dir);
    expect(built.code, built.stdout + built.stderr).toBe(0);
    projects.set(engine, await createProject({ dir: both.dir, target: engine, targetPath: `target/${engine}` }));
  }
}, 120_000);
afterAll(async () => {
  for (const project of projects.values()) await project.close();
  await both.end();
});

describe.each(['duckdb', 'postgres'] as const)('%s', (engine) => {
  test.each(answers)('%s', async (_, answer) => {
    const project = projects.get(engine);
    if (!project) return expect(both.engines).not.toContain(engine);
    expectAnswer(answer, await project.metrics.query(answer.query));
  });

  test('an offset of a running total looks back past the first day of the query', async () => {
    const project = projects.get(engine);
    if (!project) return expect(both.engines).not.toContain(engine);
    const asked = { metrics: ['week_of_revenue'], groupBy: ['metric_time__day'] };
    const found = await project.metrics.query({ ...asked, startTime: '2024-02-01' });
    expect(found).toEqual(await project.metrics.query({ ...asked, where: ["{{ TimeDimension('metric_time', 'day') }} >= '2024-02-01'"] }));
    expect(Number(found[0]?.week_of_revenue)).toBeGreaterThan(0);
  });
});
