import { isMap, type Sink, type Yaml, type YamlDocument, type YamlMap, yamlMap, yamlToJson } from '../text/index.ts';
import type { ConfigTree, ProjectConfig } from './project.ts';
import type { Path, Renderer } from './render.ts';
import { bannedNames, projectSchema } from './schema/project.ts';
import { checkKeys, checkShape } from './shape.ts';

/** What is decided outside dbt_project.yml and wins over it. */
export interface ConfigOverrides {
  readonly targetPath?: string | undefined;
  readonly logPath?: string | undefined;
}

const trees: readonly ConfigTree[] = [
  'models',
  'seeds',
  'snapshots',
  'sources',
  'data_tests',
  'unit_tests',
  'analyses',
  'exposures',
  'metrics',
  'semantic-models',
  'saved-queries',
  'functions',
];
const known = Object.keys(projectSchema.def.shape);
const hooks: ReadonlySet<string> = new Set(['pre-hook', 'post-hook', 'pre_hook', 'post_hook']);

/** Whether dbt renders the value at this path of dbt_project.yml when it reads the file; the rest is rendered when it is used. */
export function rendersEarly(path: Path): boolean {
  const first = path[0];
  if (first === 'on-run-start' || first === 'on-run-end' || first === 'query-comment' || first === 'vars') return false;
  if (first === 'models' || first === 'seeds' || first === 'snapshots' || first === 'tests' || first === 'data_tests') {
    return !path.some((key) => typeof key === 'string' && hooks.has(key.replace(/^[+ ]+/, '')));
  }
  return true;
}

/** dbt_project.yml as configuration: rendered, checked, defaults filled in. Undefined, with diagnostics, when the project has no usable name. */
export function readConfig(document: YamlDocument, renderer: Renderer, overrides: ConfigOverrides, sink: Sink): ProjectConfig | undefined {
  const raw = document.value;
  if (!isMap(raw)) {
    sink.add(
      'config-invalid',
      { key: '', problem: 'dbt_project.yml must be a mapping that has at least `name:`' },
      { at: { file: document.file, start: 0, end: 0 } },
    );
    return undefined;
  }
  const file = yamlMap();
  for (const key of Object.keys(raw)) file[key] = renderer.tree(document, raw, key, [key], rendersEarly);
  checkKeys(raw, known, document, 'dbt_project.yml', sink);
  if (!checkShape(projectSchema, file, document, sink)) return undefined;
  if (!checkName(file, document, raw, sink)) return undefined;
  renamed(file, raw, document, 'source-paths', 'model-paths', sink);
  renamed(file, raw, document, 'data-paths', 'seed-paths', sink);
  if (hasEntries(file['tests']) && hasEntries(file['data_tests']))
    sink.add('config-conflict', { key: 'tests', other: 'data_tests' }, { at: document.keySpan(raw, 'tests') });
  return assemble(file, raw, overrides);
}

function checkName(file: YamlMap, document: YamlDocument, raw: YamlMap, sink: Sink): boolean {
  const name = file['name'] as string;
  let problem: string | undefined;
  if (!/^[\p{L}_][\p{L}\p{N}_]*$/u.test(name)) problem = 'it is not a plain identifier';
  else if (bannedNames.has(name)) problem = 'templates use this word for something else';
  if (problem === undefined) return true;
  sink.add('project-name', { name, problem }, { at: document.valueSpan(raw, 'name') });
  return false;
}

function renamed(file: YamlMap, raw: YamlMap, document: YamlDocument, old: string, now: string, sink: Sink): void {
  if (!(old in file)) return;
  if (now in file) sink.add('config-conflict', { key: old, other: now }, { at: document.keySpan(raw, old) });
  else sink.add('config-deprecated', { key: old, instead: now }, { at: document.keySpan(raw, old) });
}

function hasEntries(value: Yaml | undefined): boolean {
  return isMap(value) && Object.keys(value).length > 0;
}

/** The parts of the file by their names here. Shapes are as the schema has checked them. */
function assemble(file: YamlMap, raw: YamlMap, overrides: ConfigOverrides): ProjectConfig {
  const paths = {
    model: list(file['model-paths'] ?? file['source-paths'], ['models']),
    seed: list(file['seed-paths'] ?? file['data-paths'], ['seeds']),
    snapshot: list(file['snapshot-paths'], ['snapshots']),
    test: list(file['test-paths'], ['tests']),
    macro: list(file['macro-paths'], ['macros']),
    analysis: list(file['analysis-paths'], ['analyses']),
    function: list(file['function-paths'], ['functions']),
    asset: list(file['asset-paths'], []),
  };
  const all = [paths.model, paths.seed, paths.snapshot, paths.analysis, paths.macro, paths.test, paths.function].flat();
  const targetPath = overrides.targetPath ?? text(file['target-path']) ?? 'target';
  const tests = 'data_tests' in raw ? 'data_tests' : 'tests';
  const treesOf = (from: YamlMap): Record<ConfigTree, YamlMap> =>
    Object.fromEntries(trees.map((tree) => [tree, map(from[tree === 'data_tests' ? tests : tree])])) as Record<ConfigTree, YamlMap>;
  const required = file['require-dbt-version'];
  return {
    name: file['name'] as string,
    version: file['version'] === undefined || file['version'] === null ? null : String(yamlToJson(file['version'])),
    profile: text(file['profile']) ?? null,
    paths: { ...paths, docs: list(file['docs-paths'], [...new Set(all)]) },
    targetPath,
    logPath: overrides.logPath ?? text(file['log-path']) ?? 'logs',
    packagesPath: text(file['packages-install-path']) ?? 'dbt_packages',
    cleanTargets: list(file['clean-targets'], [targetPath]),
    requireDbtVersion: typeof required === 'string' ? required.split(',').map((v) => v.trim()) : list(required, []),
    quoting: quoting(map(file['quoting'])),
    dispatch: (Array.isArray(file['dispatch']) ? file['dispatch'] : []).map((d) => {
      const entry = map(d);
      return { macro_namespace: String(entry['macro_namespace']), search_order: list(entry['search_order'], []) };
    }),
    onRunStart: hookList(file['on-run-start']),
    onRunEnd: hookList(file['on-run-end']),
    queryComment: 'query-comment' in file ? queryComment(file['query-comment'] ?? null) : undefined,
    restrictAccess: file['restrict-access'] === true,
    trees: treesOf(file),
    unrenderedTrees: treesOf(raw),
    vars: map(raw['vars']),
    flags: map(file['flags']),
  };
}

function list(value: Yaml | undefined, otherwise: readonly string[]): readonly string[] {
  return Array.isArray(value) ? value.map(String) : otherwise;
}

function hookList(value: Yaml | undefined): readonly string[] {
  return typeof value === 'string' ? [value] : list(Array.isArray(value) ? value.filter((v) => v !== null) : value, []);
}

function text(value: Yaml | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function map(value: Yaml | undefined): YamlMap {
  return isMap(value) ? value : yamlMap();
}

function quoting(value: YamlMap): ProjectConfig['quoting'] {
  return Object.fromEntries(['database', 'schema', 'identifier'].flatMap((part) => (typeof value[part] === 'boolean' ? [[part, value[part]]] : [])));
}

function queryComment(value: Yaml): ProjectConfig['queryComment'] {
  if (value === null || value === '' || value === false) return null;
  if (!isMap(value)) return { comment: String(value), append: false, jobLabel: false };
  return {
    ...(typeof value['comment'] === 'string' && { comment: value['comment'] }),
    append: value['append'] === true,
    jobLabel: value['job-label'] === true,
  };
}
