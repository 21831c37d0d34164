import fs from 'node:fs';
import path from 'node:path';
import type { Manifest, ModelNode } from '../../resolve/index.ts';
import { entryLines, type Recipe } from '../../run/index.ts';
import { closest, diagnostic } from '../../text/index.ts';
import { type Context, OK, open, refuse, UNUSABLE } from '../context.ts';
import { writeAtomic } from '../files.ts';
import { createTest, type Opened } from '../session.ts';
import { unitTestFile, withUnitTest } from '../unit-file.ts';

const DEFAULT_ROWS = 3;

/** Writes a unit test of a model from rows that are in the database, or prints it. */
export async function run(c: Context): Promise<number> {
  const opened = await open(c);
  if (!opened) return UNUSABLE;
  const { values } = c.flags;
  const model = modelNamed(c, opened.manifest);
  if (!model) return UNUSABLE;
  const write = values.get('write') === true;
  if (write && model.package_name !== opened.manifest.project.root.name)
    return refuse(c, `\`${model.name}\` is a model of the package ${model.package_name}`, 'leave out --write to see the test');
  const incremental = values.get('incremental') === true;
  if (incremental && !model.depends_on.macros.includes('macro.dbt.is_incremental'))
    return refuse(c, `\`${model.name}\` does not ask \`is_incremental()\``, 'leave out --incremental: the model does the same in every run');
  const taken = new Set([...opened.manifest.unitTests.values()].filter((t) => t.model === model.name).map((t) => t.name));
  const asked = values.get('name');
  const name = typeof asked === 'string' ? asked : freeName(`${model.name}_live_rows`, taken);
  if (taken.has(name)) return refuse(c, `\`${model.name}\` has a unit test \`${name}\``, 'choose another `--name`');
  const recipe: Recipe = {
    name,
    rows: (values.get('rows') as number | undefined) ?? DEFAULT_ROWS,
    where: values.get('where') as string | undefined,
    incremental,
  };
  const { test, notes } = await createTest(opened, model, recipe, c.flags, c.world);
  const entry = entryLines(test);
  if (write) c.console.output(`Wrote the unit test ${name} to ${save(opened, model, entry)}`);
  else c.console.output(unitTestFile(entry).trimEnd());
  for (const note of notes) c.console.say('Note', 'Z050', `Note: ${note}`, { msg: note }, 'info', false);
  return OK;
}

function modelNamed(c: Context, { nodes }: Manifest): ModelNode | undefined {
  const name = c.argument ?? '';
  const models = [...nodes.values()].filter((n): n is ModelNode => n.resource_type === 'model');
  const found = models.filter((n) => n.unique_id === name || n.name === name || `${n.name}.v${n.version}` === name);
  // Of several versions the name alone means the latest one, as in `ref`.
  const model = found.find((n) => n.version === n.latest_version) ?? found[0];
  if (!model)
    c.console.errors([
      diagnostic('node-not-found', {
        name,
        near: closest(
          name,
          models.map((n) => n.name),
        ),
      }),
    ]);
  else if (model.language === 'python') refuse(c, `\`${model.name}\` is a Python model`, 'unit tests are of SQL');
  else return model;
  return undefined;
}

function freeName(name: string, taken: ReadonlySet<string>): string {
  let free = name;
  for (let i = 2; taken.has(free); i++) free = `${name}_${i}`;
  return free;
}

/** Adds the entry to the file that has other unit tests of the model, to the one that describes the model, or to a new one beside it. Answers the path. */
function save({ manifest, project }: Opened, model: ModelNode, entry: readonly string[]): string {
  const folder = path.posix.dirname(model.original_file_path);
  const sibling = [...manifest.unitTests.values()].find((t) => t.tested_node_unique_id === model.unique_id && t.package_name === model.package_name);
  const described = model.patch_path?.split('://')[1];
  const own = `${folder}/_${model.name}__unit_tests`;
  for (const file of [sibling?.original_file_path, described, `${own}.yml`, ...Array.from({ length: 99 }, (_, i) => `${own}_${i + 2}.yml`)]) {
    if (file === undefined) continue;
    const absolute = path.resolve(project.dir, file);
    const text = fs.existsSync(absolute) ? withUnitTest(fs.readFileSync(absolute, 'utf8'), entry) : unitTestFile(entry);
    if (text === undefined) continue;
    writeAtomic(absolute, text);
    return file;
  }
  throw new Error(`no file for unit tests is left in ${folder}`);
}
