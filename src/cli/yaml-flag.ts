import { DiagnosticError, diagnostic, isMap, parseYaml, type Sink, sourceFile, type YamlMap } from '../text/index.ts';

/** A flag whose value is a YAML mapping; throws a diagnostic where it is none. */
export function yamlFlag(name: string, value: string | undefined): YamlMap {
  if (value === undefined || value.trim() === '') return {};
  let problem = '';
  const sink: Sink = {
    add: () => {
      problem = 'is not valid YAML';
    },
    push: (d) => {
      if (d.severity === 'error') problem = `is not valid YAML: ${d.message}`;
    },
  };
  const doc = parseYaml(sourceFile(`--${name}`, value), sink);
  if (problem === '' && doc?.value === null) return {};
  if (problem !== '' || !doc || !isMap(doc.value)) {
    throw new DiagnosticError(
      diagnostic('bad-argument', { problem: `\`--${name}\` ${problem || 'must be a YAML mapping'}` }, { hint: `write it like --${name} '{key: value}'` }),
    );
  }
  return doc.value;
}
