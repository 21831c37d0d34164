// npm run fuzz -- [--projects 40] [--selections 60] [--seed 1] [--python PYTHON] [--keep DIR]
// Random projects and random selections: what `dml ls` selects against what `dbt ls` selects. Prints each difference, and the figures; exits with 1 where
// there is one. Python: one that has dbt-core 1.11 and dbt-duckdb (DML_DBT_PYTHON).
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createProject, ProjectError } from '../../dist/index.js';

const options = parseArgs({
  options: {
    projects: { type: 'string', default: '40' },
    selections: { type: 'string', default: '60' },
    seed: { type: 'string', default: '1' },
    python: { type: 'string', default: process.env.DML_DBT_PYTHON ?? '' },
    keep: { type: 'string' },
  },
}).values;

const script = fileURLToPath(new URL('make_selections.py', import.meta.url));

/** A project, and what dbt selects in it. */
function made(dir, seed) {
  const { status, stdout, stderr } = spawnSync(options.python, [script, dir, String(seed), options.selections], { encoding: 'utf8', maxBuffer: 1 << 28 });
  if (status !== 0) throw new Error(`seed ${seed}: ${stderr}`);
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

function selected(project, asked) {
  const wanted = {
    select: asked.select,
    exclude: asked.exclude,
    selector: asked.selector,
    indirectSelection: asked.indirect_selection,
    resourceTypes: asked.resource_types,
    excludeResourceTypes: asked.exclude_resource_types,
    state: 'state',
  };
  try {
    return { ids: [...project.select(wanted)].sort() };
  } catch (error) {
    if (!(error instanceof ProjectError)) throw error;
    return { error: error.message };
  }
}

/** Texts of the differences between the two answers to one selection. */
function differences(asked, dml) {
  if (asked.error !== undefined || dml.error !== undefined)
    return (asked.error === undefined) === (dml.error === undefined) ? [] : [`dbt: ${asked.error ?? 'no error'}`, `dml: ${dml.error ?? 'no error'}`];
  const only = (a, b) => a.filter((id) => !b.includes(id));
  return [...only(asked.ids, dml.ids).map((id) => `only dbt: ${id}`), ...only(dml.ids, asked.ids).map((id) => `only dml: ${id}`)];
}

const work = options.keep ?? fs.mkdtempSync(path.join(os.tmpdir(), 'dml-fuzz-'));
const figures = { projects: 0, selections: 0, empty: 0, errors: 0, different: 0 };
try {
  if (!options.python) {
    console.log('SKIPPED: DML_DBT_PYTHON or --python names a Python that has dbt-core 1.11 and dbt-duckdb');
  } else {
    for (let i = 0; i < Number(options.projects); i++) {
      const seed = Number(options.seed) + i;
      const dir = path.join(work, `project-${seed}`);
      const answers = made(dir, seed);
      const project = await createProject({ dir });
      figures.projects++;
      for (const { ids, error, ...asked } of answers) {
        figures.selections++;
        if (error !== undefined) figures.errors++;
        else if (ids.length === 0) figures.empty++;
        const found = differences({ ids, error }, selected(project, asked));
        if (found.length === 0) continue;
        figures.different++;
        console.log(`seed ${seed}: ${JSON.stringify(asked)}\n  ${found.join('\n  ')}`);
      }
      await project.close();
    }
    console.log(
      `${figures.projects} projects, ${figures.selections} selections (${figures.empty} of nothing, ${figures.errors} refused): ${figures.different} different`,
    );
    process.exitCode = figures.different === 0 ? 0 : 1;
  }
} finally {
  if (options.keep === undefined) fs.rmSync(work, { recursive: true, force: true });
}
