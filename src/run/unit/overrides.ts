import { type Invocation, type Json, jsonToValue } from '../../context/index.ts';
import type { Value } from '../../jinja/index.ts';
import type { JsonMap, UnitTestNode } from '../../resolve/index.ts';
import { yamlMap } from '../../text/index.ts';
import type { Runner } from '../runner.ts';

function mapOf(json: Json | undefined): JsonMap {
  return typeof json === 'object' && json !== null && !Array.isArray(json) ? (json as JsonMap) : {};
}

/** What the test has macros answer. */
export function overridesOf(test: UnitTestNode): ReadonlyMap<string, Value> {
  return new Map(Object.entries(mapOf(test.overrides?.['macros'])).map(([name, value]): [string, Value] => [name, jsonToValue(value)]));
}

/** The invocation with the variables, the environment and the time of the test. */
export function invocationOf(runner: Runner, test: UnitTestNode): Invocation {
  const { invocation } = runner.settings;
  const vars = mapOf(test.overrides?.['vars']);
  const env = mapOf(test.overrides?.['env_vars']);
  return {
    ...invocation,
    ...(test.own?.now != null && timeOf(invocation, test.own.now)),
    vars: Object.keys(vars).length === 0 ? invocation.vars : invocation.vars.with(Object.assign(yamlMap(), vars)),
    env: { ...invocation.env, ...Object.fromEntries(Object.entries(env).map(([k, v]) => [k, String(v)])) },
  };
}

/** When the run counts as begun, and what snapshots take for the present. */
function timeOf({ dialect }: Invocation, now: string): Pick<Invocation, 'startedAt' | 'dialect'> {
  const text = `${now.trim().replace('T', ' ')}${now.trim().length <= 10 ? ' 00:00:00' : ''}`;
  return { startedAt: Date.parse(`${text.replace(' ', 'T')}Z`), dialect: { ...dialect, now: `cast(${dialect.literal(text)} as timestamp)` } };
}
