import { isMap, type Sink, type Yaml, type YamlDocument, yamlToJson } from '../text/index.ts';
import { compileCheck, type NearMiss } from './schema/check.ts';
import { propertiesSchema } from './schema/properties.ts';
import { describeIssue, pathText, spanAt } from './shape.ts';

/** Checks properties files: make one for a run, it keeps the compiled schema. */
export type PropertiesCheck = (document: YamlDocument, sink: Sink) => boolean;

/**
 * Makes the check of properties files. It reports wrong shapes (`property-invalid`, an error with its place) and keys that are nearly known ones
 * (`property-unknown`, a warning), and answers whether the shapes are fine. Unknown keys are otherwise accepted, as in dbt.
 */
export function propertiesCheck(): PropertiesCheck {
  const fits = compileCheck(propertiesSchema);
  return (document, sink) => {
    const { value } = document;
    if (value === null) return true;
    const misses: NearMiss[] = [];
    const fine = fits(value, misses) || !report(document, value, sink);
    for (const { map, key, near } of misses) {
      const name = map['name'];
      sink.add('property-unknown', { key, near, where: typeof name === 'string' ? `\`${name}\`` : 'this mapping' }, { at: document.keySpan(map, key) });
    }
    return fine;
  };
}

/** Checks one properties file; see {@link propertiesCheck}, which is better for many. */
export function validateProperties(document: YamlDocument, sink: Sink): boolean {
  return propertiesCheck()(document, sink);
}

const singular: Readonly<Record<string, string>> = {
  models: 'model',
  seeds: 'seed',
  snapshots: 'snapshot',
  sources: 'source',
  analyses: 'analysis',
  tests: 'test',
  data_tests: 'test',
  macros: 'macro',
  exposures: 'exposure',
  groups: 'group',
  unit_tests: 'unit test',
  dml_unit_tests: 'unit test',
  functions: 'function',
  metrics: 'metric',
  semantic_models: 'semantic model',
  saved_queries: 'saved query',
};

function report(document: YamlDocument, value: Yaml, sink: Sink): boolean {
  const plain = yamlToJson(value);
  const result = propertiesSchema.safeParse(plain);
  if (result.success) return false;
  for (const issue of result.error.issues) {
    const { path, problem } = describeIssue(issue, plain);
    sink.add('property-invalid', { where: whereText(value, path), problem }, { at: spanAt(document, path), hint: wordHint(document, path) });
  }
  return true;
}

/** An unquoted `no`, `on` or the like where a text belongs. */
function wordHint(document: YamlDocument, path: readonly (string | number)[]): string | undefined {
  const at = spanAt(document, path);
  const written = document.file.text.slice(at.start, at.end);
  return /^(?:yes|no|on|off|true|false|~|null|[-+.\d_:]+)$/i.test(written) ? `put it in quotes if it is a text: '${written}'` : undefined;
}

/** A path in words: `columns[0].name` of model `orders`. */
function whereText(root: Yaml, path: readonly (string | number)[]): string {
  const [kind, index, ...rest] = path;
  if (kind === undefined) return 'the file';
  if (typeof index !== 'number' || typeof kind !== 'string') return `\`${pathText(path)}\``;
  const items = isMap(root) ? root[kind] : undefined;
  const item = Array.isArray(items) ? items[index] : undefined;
  const name = isMap(item) ? item['name'] : undefined;
  const owner = typeof name === 'string' && rest.length > 0 ? `${singular[kind] ?? kind} \`${name}\`` : `entry ${index + 1} of \`${kind}\``;
  return rest.length === 0 ? owner : `\`${pathText(rest)}\` of ${owner}`;
}
