import { yamlToData } from '../context/index.ts';
import type { Yaml } from '../text/index.ts';
import type { Build } from './build.ts';
import { type ConfigDraft, isJsonMap } from './config.ts';
import type { FunctionNode, Json, Node } from './manifest.ts';
import type { Patch } from './patches.ts';

const TYPES: readonly Json[] = ['scalar', 'aggregate', 'table'];
const VOLATILITIES: readonly Json[] = ['deterministic', 'stable', 'non-deterministic'];

/** What dbt's manifest holds for a function whose properties are nowhere said. */
const NO_RETURNS: FunctionNode['returns'] = { data_type: 'INVALID_TYPE', description: null };

/** The fields that only functions have, from their entry in a properties file. */
export function functionFields(patch: Patch | undefined): Pick<FunctionNode, 'arguments' | 'returns'> {
  const list = json(patch?.map.arguments);
  const given = Array.isArray(list) ? list.filter(isJsonMap) : [];
  const returns = json(patch?.map.returns);
  return {
    arguments: given.map((a) => ({
      name: String(a.name ?? ''),
      data_type: String(a.data_type ?? ''),
      description: typeof a.description === 'string' ? a.description : null,
      default_value: a.default_value ?? null,
    })),
    returns:
      isJsonMap(returns) && typeof returns.data_type === 'string'
        ? { data_type: returns.data_type, description: typeof returns.description === 'string' ? returns.description : null }
        : NO_RETURNS,
  };
}

function json(v: Yaml | undefined): Json {
  return v === undefined ? null : (yamlToData(v) as Json);
}

/** Reports what is wrong with a function's configuration. */
export function checkFunction(b: Build, node: Node, config: ConfigDraft, patch: Patch | undefined): void {
  if (node.resource_type !== 'function') return;
  const at = patch?.at ?? node.at;
  const wrong = (problem: string, hint?: string): void =>
    b.sink.add('function-config', { node: node.name, problem, ...(hint !== undefined && { hint }) }, { at });
  if (!TYPES.includes(config.type ?? null)) wrong(`has an unknown type: ${String(config.type)}`, `one of ${TYPES.join(', ')}`);
  if (config.volatility !== null && !VOLATILITIES.includes(config.volatility ?? null))
    wrong(`has an unknown volatility: ${String(config.volatility)}`, `one of ${VOLATILITIES.join(', ')}`);
  if (!patch || node.returns === NO_RETURNS) wrong('says nowhere what it returns', 'give it `returns: {data_type: ...}` under `functions:` in a YAML file');
  const first = node.arguments.findIndex((a) => a.default_value !== null);
  const late = first < 0 ? undefined : node.arguments.slice(first).find((a) => a.default_value === null);
  if (late) wrong(`has the argument \`${late.name}\` without a default behind one with a default`, 'move it to the front');
}
