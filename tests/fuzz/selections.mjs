// npm run fuzz -- [--projects 40] [--selections 60] [--seed 1] [--python PYTHON] [--keep DIR] [--golden FILE]
// Random projects and random selections: what `dml ls` selects against what `dbt ls` selects. Prints each difference, and the figures; exits with 1 where
// there is one. --golden: the projects and dbt's answers go into a file, which `npm test` compares dml with. Python: one that has dbt-core 1.11 and
// dbt-duckdb (DML_DBT_PYTHON).
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
    golden: { type: 'string' },
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

/** What becomes of a project with definitions of selectors that dbt refuses. */
async function opened(dir, definitions) {
  const file = path.join(dir, 'selectors.yml');
  fs.copyFileSync(path.join(dir, definitions), file);
  try {
    await (await createProject({ dir })).close();
    return { ids: [] };
  } catch (error) {
    if (!(error instanceof ProjectError)) throw error;
    return { error: error.message };
  } finally {
    fs.rmSync(file);
  }
}

/** Texts of the differences between the two answers to one selection. */
function differences(asked, dml) {
  if (asked.error !== undefined || dml.error !== undefined)
    return (asked.error === undefined) === (dml.error === undefined) ? [] : [`dbt: ${asked.error ?? 'no error'}`, `dml: ${dml.error ?? 'no error'}`];
  const only = (a, b) => a.filter((id) => !b.includes(id));
  return [...only(asked.ids, dml.ids).map((id) => `only dbt: ${id}`), ...only(dml.ids, asked.ids).map((id) => `only dml: ${id}`)];
}

/** What a selection is made of: the methods it names, of `state:` and others of an earlier run with the value. */
function methodsIn({ select = [], exclude = [], selector }) {
  const found = [...select, ...exclude]
    .flatMap((value) => value.split(','))
    .map((word) => /^@?(?:\d*\+)?(?:(?:state|result|source_status):[\w.]*|[a-z_]+(?=[.\w]*:))/.exec(word)?.[0]);
  return new Set([...found.map((name) => name?.replace(/^@?(?:\d*\+)?/, '') ?? 'fqn'), ...(selector === undefined ? [] : ['--selector'])]);
}

/** How many selections named each method, and of how many something came. */
function methodLines(answers) {
  const counts = new Map();
  for (const answer of answers) {
    for (const name of methodsIn(answer)) {
      const [all, full] = counts.get(name) ?? [0, 0];
      counts.set(name, [all + 1, full + (answer.ids?.length > 0 ? 1 : 0)]);
    }
  }
  return [...counts].sort(([, [a]], [, [b]]) => b - a).map(([name, [all, full]]) => `  ${name}: ${all}, ${full} found something`);
}

/** The projects and answers as JSON, with a line for each file and each answer. dbt's words for what it refuses are left out. */
function goldenText(projects) {
  const lines = (list) => list.map((item) => `    ${item}`).join(',\n');
  const filesOf = (files) => lines(Object.entries(files).map(([name, text]) => `${JSON.stringify(name)}: ${JSON.stringify(text)}`));
  const answer = ({ error, ...rest }) => JSON.stringify(error === undefined ? rest : { ...rest, error: error.split(':')[0] });
  const project = ({ files, edited, answers }) =>
    `  "files": {\n${filesOf(files)}\n  },\n  "edited": {\n${filesOf(edited)}\n  },\n  "answers": [\n${lines(answers.map(answer))}\n  ]`;
  return `[{\n${projects.map(project).join('\n}, {\n')}\n}]\n`;
}

const work = options.keep ?? fs.mkdtempSync(path.join(os.tmpdir(), 'dml-fuzz-'));
const golden = [];
const figures = { projects: 0, selections: 0, empty: 0, errors: 0, different: 0 };
try {
  if (!options.python) {
    console.log('SKIPPED: DML_DBT_PYTHON or --python names a Python that has dbt-core 1.11 and dbt-duckdb');
  } else {
    for (let i = 0; i < Number(options.projects); i++) {
      const seed = Number(options.seed) + i;
      const dir = path.join(work, `project-${seed}`);
      const answers = made(dir, seed);
      const { files, edited } = answers.pop();
      golden.push({ files, edited, answers });
      const project = await createProject({ dir });
      figures.projects++;
      for (const { ids, error, ...asked } of answers) {
        figures.selections++;
        if (error !== undefined) figures.errors++;
        else if (ids.length === 0) figures.empty++;
        const found = differences({ ids, error }, asked.refused ? await opened(dir, asked.refused) : selected(project, asked));
        if (found.length === 0) continue;
        figures.different++;
        console.log(`seed ${seed}: ${JSON.stringify(asked)}\n  ${found.join('\n  ')}`);
      }
      await project.close();
    }
    console.log(
      `${figures.projects} projects, ${figures.selections} selections (${figures.empty} of nothing, ${figures.errors} refused): ${figures.different} different`,
    );
    for (const line of methodLines(golden.flatMap(({ answers }) => answers))) console.log(line);
    if (options.golden !== undefined) fs.writeFileSync(options.golden, goldenText(golden));
    process.exitCode = figures.different === 0 ? 0 : 1;
  }
} finally {
  if (options.keep === undefined) fs.rmSync(work, { recursive: true, force: true });
}
