import { closest, fail, isMap, type Yaml, type YamlMap } from '../text/index.ts';

export type IndirectSelection = 'eager' | 'cautious' | 'buildable' | 'empty';

const INDIRECT: readonly IndirectSelection[] = ['eager', 'cautious', 'buildable', 'empty'];

/** What a single criterion compares with; only YAML definitions give something else than text. */
export type CriterionValue = string | number | boolean | null;

/** One criterion: a method, its value and the graph operators around it. */
export interface Criterion {
  readonly kind: 'criterion';
  readonly raw: string;
  readonly method: Method;
  /** `config.materialized` -> `['materialized']`. */
  readonly args: readonly string[];
  readonly value: CriterionValue;
  /** `@x`: x, what is below it and everything above those. */
  readonly childrensParents: boolean;
  /** Edges to follow, Infinity for all; undefined: none. */
  readonly parents: number | undefined;
  readonly children: number | undefined;
  readonly indirect: IndirectSelection;
}

/** A selection as a tree of set operations. `warn` asks for a warning where nothing is found. */
export type Spec =
  | Criterion
  | { readonly kind: 'union' | 'intersection' | 'difference'; readonly parts: readonly Spec[]; readonly indirect: IndirectSelection; readonly warn?: string };

const METHODS = [
  'fqn',
  'tag',
  'group',
  'access',
  'source',
  'path',
  'file',
  'package',
  'config',
  'test_name',
  'test_type',
  'resource_type',
  'state',
  'exposure',
  'metric',
  'result',
  'source_status',
  'version',
  'semantic_model',
  'saved_query',
  'unit_test',
  'git',
] as const;

export type Method = (typeof METHODS)[number];

const PATTERN = /^(@)?((\d*)\+)?(?:([\w.]+):)?(.*?)(\+(\d*))?$/s;

/** One criterion as the command line spells it, e.g. `2+tag:nightly+` or `@orders`. */
export function parseCriterion(raw: string, indirect: IndirectSelection): Criterion {
  const m = PATTERN.exec(raw);
  if (!m) throw new Error(`no criterion matches ${JSON.stringify(raw)}`);
  const [, at, parents, parentsDepth, method, value = '', children, childrenDepth] = m;
  return criterion(raw, method, value, {
    childrensParents: at !== undefined,
    parents: parents === undefined ? undefined : depthOf(parentsDepth),
    children: children === undefined ? undefined : depthOf(childrenDepth),
    indirect,
  });
}

function depthOf(text: string | undefined): number {
  return text === undefined || text === '' ? Number.POSITIVE_INFINITY : Number(text);
}

function criterion(
  raw: string,
  method: string | undefined,
  value: CriterionValue,
  rest: Pick<Criterion, 'childrensParents' | 'parents' | 'children' | 'indirect'>,
): Criterion {
  if (rest.childrensParents && rest.children !== undefined)
    fail('selector-invalid', { selector: raw, problem: '`@` in front and `+` behind cannot be used together' });
  if (method === undefined) return { kind: 'criterion', raw, method: implicitMethod(String(value)), args: [], value, ...rest };
  const [name = '', ...args] = method.split('.');
  const known = METHODS.find((k) => k === name);
  if (known === undefined) {
    const hint = name === 'column' ? 'dml knows no lineage of columns yet: select the model, as in `orders+`' : undefined;
    fail('selector-method-unknown', { method: name, near: closest(name, METHODS) }, { hint });
  }
  return { kind: 'criterion', raw, method: known, args, value, ...rest };
}

function implicitMethod(value: string): Method {
  if (value.includes('/')) return 'path';
  return /\.(sql|py|csv)$/i.test(value) ? 'file' : 'fqn';
}

/** `--select` and `--exclude` as given: values may hold several criteria separated by spaces (union), each several joined by commas (intersection). */
export function parseArguments(select: readonly string[], exclude: readonly string[], indirect: IndirectSelection): Spec {
  const included =
    select.length > 0 ? unionOf(select, indirect, true) : unionOf(['fqn:*', 'source:*', 'exposure:*', 'metric:*', 'semantic_model:*'], indirect, false);
  return { kind: 'difference', parts: [included, unionOf(exclude, indirect, true)], indirect };
}

function unionOf(values: readonly string[], indirect: IndirectSelection, warn: boolean): Spec {
  const words = values.flatMap((v) => v.split(/\s+/)).filter((v) => v !== '');
  const parts = words.map(
    (word): Spec => ({ kind: 'intersection', parts: word.split(',').map((p) => parseCriterion(p, indirect)), indirect, ...(warn && { warn: word }) }),
  );
  return { kind: 'union', parts, indirect };
}

/** A named definition of selectors.yml. */
export interface NamedSelector {
  readonly name: string;
  readonly description: string;
  readonly isDefault: boolean;
  readonly spec: Spec;
}

/** All definitions of selectors.yml in order; later ones may use earlier ones by `method: selector`. */
export function parseSelectors(file: Yaml, indirect: IndirectSelection): ReadonlyMap<string, NamedSelector> {
  const found = new Map<string, NamedSelector>();
  if (file === null) return found;
  const list = isMap(file) ? file['selectors'] : undefined;
  if (!Array.isArray(list)) fail('selector-invalid', { selector: 'selectors.yml', problem: 'it must hold a list under `selectors:`' });
  for (const item of list) {
    const name = isMap(item) ? item['name'] : undefined;
    if (!isMap(item) || typeof name !== 'string') fail('selector-invalid', { selector: 'selectors.yml', problem: 'every selector needs a `name`' });
    const definition = item['definition'];
    if (definition === undefined) fail('selector-invalid', { selector: name, problem: 'it has no `definition`' });
    const context: DefinitionContext = { name, known: found, indirect };
    const description = item['description'];
    found.set(name, {
      name,
      description: typeof description === 'string' ? description : '',
      isDefault: item['default'] === true,
      spec: definitionOf(definition, context, true),
    });
  }
  return found;
}

interface DefinitionContext {
  readonly name: string;
  readonly known: ReadonlyMap<string, NamedSelector>;
  readonly indirect: IndirectSelection;
}

function definitionOf(definition: Yaml, c: DefinitionContext, root: boolean): Spec {
  if (typeof definition === 'string') return parseCriterion(definition, c.indirect);
  if (!isMap(definition)) return wrong(c, 'a definition is a text or a mapping');
  const operator = 'union' in definition ? 'union' : 'intersection' in definition ? 'intersection' : undefined;
  if (operator === undefined) return mappingOf(definition, c);
  if (root && Object.keys(definition).length > 1) wrong(c, `\`${operator}\` must be the only key, found ${Object.keys(definition).join(', ')}`);
  const parts: Spec[] = [];
  let excluded: Spec | undefined;
  for (const part of listOf(definition, operator, c)) {
    // As in dbt, whatever else stands beside such an `exclude` counts for nothing.
    if (isMap(part) && 'exclude' in part) {
      if (excluded) wrong(c, `more than one \`exclude\` in the same \`${operator}\``);
      excluded = excludedOf(part, c);
    } else parts.push(definitionOf(part, c, false));
  }
  // A group's own mode is always eager: only its criteria carry the flag.
  const set: Spec = { kind: operator, parts, indirect: 'eager' };
  return excluded ? { kind: 'difference', parts: [set, excluded], indirect: 'eager' } : set;
}

function mappingOf(definition: YamlMap, c: DefinitionContext): Spec {
  const keys = Object.keys(definition);
  const [only] = keys;
  if (keys.length === 1 && only !== undefined) return yamlCriterion({ method: only, value: definition[only] ?? null }, c);
  const { method, value } = definition;
  if (method === 'selector') {
    const named = c.known.get(String(value));
    if (!named) fail('selector-not-found', { name: String(value), near: closest(String(value), c.known.keys()) });
    return named.spec;
  }
  if (method === undefined || value === undefined) return wrong(c, `it needs \`method\` and \`value\`, or a single key, but has ${keys.join(', ')}`);
  const base = yamlCriterion(definition, c);
  if (!('exclude' in definition)) return base;
  const excluded = excludedOf(definition, c);
  return excluded ? { kind: 'difference', parts: [base, excluded], indirect: 'eager' } : base;
}

function yamlCriterion(d: YamlMap, c: DefinitionContext): Criterion {
  const value = d['value'];
  if (value === undefined || (typeof value === 'object' && value !== null)) return wrong(c, 'the value must be a text, a number or a boolean');
  const mode = d['indirect_selection'] ?? c.indirect;
  const indirect = INDIRECT.find((k) => k === mode);
  if (indirect === undefined) return wrong(c, `\`indirect_selection\` is one of ${INDIRECT.join(', ')}`);
  return criterion(`${String(d['method'])}:${String(value)}`, String(d['method']), typeof value === 'bigint' ? Number(value) : value, {
    childrensParents: truthy(d['childrens_parents']),
    parents: truthy(d['parents']) ? yamlDepth(d, 'parents_depth', c) : undefined,
    children: truthy(d['children']) ? yamlDepth(d, 'children_depth', c) : undefined,
    indirect,
  });
}

function yamlDepth(d: YamlMap, key: string, c: DefinitionContext): number {
  const depth = d[key];
  if (!truthy(depth)) return Number.POSITIVE_INFINITY;
  return /^\d+$/.test(String(depth)) ? Number(depth) : wrong(c, `\`${key}\` must be a whole number`);
}

function truthy(value: Yaml | undefined): boolean {
  return value !== undefined && value !== null && value !== false && value !== 0 && value !== '';
}

function excludedOf(definition: YamlMap, c: DefinitionContext): Spec | undefined {
  const parts = listOf(definition, 'exclude', c).map((d) => definitionOf(d, c, false));
  return parts.length > 1 ? { kind: 'union', parts, indirect: 'eager' } : parts[0];
}

function listOf(definition: YamlMap, key: string, c: DefinitionContext): readonly Yaml[] {
  const value = definition[key];
  return Array.isArray(value) ? value : wrong(c, `\`${key}\` must be a list`);
}

function wrong(c: DefinitionContext, problem: string): never {
  fail('selector-invalid', { selector: c.name, problem });
}
