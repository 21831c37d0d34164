export { type Code, catalogue, type Params } from './catalogue/index.ts';
export { closest } from './closest.ts';
export { Fields, fieldText, SEEN, scanRecord } from './csv.ts';
export {
  addRelated,
  type Diagnostic,
  DiagnosticError,
  Diagnostics,
  diagnostic,
  type Extra,
  fail,
  type Related,
  renderDiagnostic,
  type Severity,
  type Sink,
  withoutEchoes,
} from './diagnostic.ts';
export { outermost, type Position, partOfAny, place, position, type SourceFile, type Span, shownPath, sourceFile, sourcePart, span } from './source.ts';
export { isMap, parseYaml, type Yaml, YamlDate, type YamlDocument, YamlFloat, type YamlJson, type YamlMap, yamlMap, yamlToJson } from './yaml.ts';
