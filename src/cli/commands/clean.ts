import fs from 'node:fs';
import path from 'node:path';
import { diagnostic, isMap, parseYaml, sourceFile } from '../../text/index.ts';
import { type Context, checked, greet, OK, UNUSABLE } from '../context.ts';

/** Where a project keeps its sources when it does not say otherwise. */
const SOURCES: Readonly<Record<string, string>> = {
  'model-paths': 'models',
  'seed-paths': 'seeds',
  'snapshot-paths': 'snapshots',
  'test-paths': 'tests',
  'macro-paths': 'macros',
  'analysis-paths': 'analyses',
};

/** Deletes the clean-targets. Reads only dbt_project.yml, so that a project with mistakes can be cleaned too. */
export async function run(c: Context): Promise<number> {
  greet(c);
  const { projectDir, targetPath } = c.flags;
  const config = checked(c, (sink) => {
    const file = path.join(projectDir, 'dbt_project.yml');
    if (!fs.existsSync(file)) {
      sink.add(
        'bad-argument',
        { problem: `there is no dbt_project.yml in ${projectDir}` },
        { hint: 'go into a project, or name one with `--project-dir DIR`' },
      );
      return undefined;
    }
    return parseYaml(sourceFile('dbt_project.yml', fs.readFileSync(file, 'utf8')), sink);
  });
  if (!config) return UNUSABLE;
  const value = isMap(config.value) ? config.value : {};
  const targets = value['clean-targets'];
  const list = Array.isArray(targets) ? texts(targets) : [targetPath ?? (typeof value['target-path'] === 'string' ? value['target-path'] : 'target')];
  const sources = Object.entries(SOURCES).flatMap(([key, usual]) => (Array.isArray(value[key]) ? texts(value[key]) : [usual]));
  const anywhere = c.flags.values.get('clean-project-files-only') === false;
  const refused = list.filter((t) => !deletable(projectDir, t, sources, anywhere));
  if (refused.length > 0) {
    c.console.errors(refused.map((t) => diagnostic('clean-outside', { path: t })));
    return UNUSABLE;
  }
  for (const t of list) {
    fs.rmSync(path.resolve(projectDir, t), { recursive: true, force: true });
    c.console.say('FinishedCleaningPath', 'Z015', `Cleaned ${t}`, { path: t });
  }
  c.console.say('FinishedCleanPaths', 'Z016', 'Finished cleaning all paths.');
  return OK;
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((v): v is string => typeof v === 'string') : [];
}

/** Inside the project, not the project itself, and neither a folder of sources nor one that holds such a folder. */
function deletable(projectDir: string, target: string, sources: readonly string[], anywhere: boolean): boolean {
  const whole = path.resolve(projectDir, target);
  const inside = path.relative(projectDir, whole);
  if (inside === '') return false;
  if (inside.startsWith('..') || path.isAbsolute(inside)) return anywhere && !projectDir.startsWith(whole);
  return !sources.some((s) => {
    const folder = path.resolve(projectDir, s);
    return folder === whole || folder.startsWith(whole + path.sep);
  });
}
