import {
  type Invocation,
  listItems,
  type MacroDef,
  needRelation,
  type RunNames,
  relationValue,
  responseOf,
  type StatementResults,
  Table,
  tableOf,
} from '../context/index.ts';
import { callArgs, Dict, Effectful, PyError, repr, str, truthy, type Value } from '../jinja/index.ts';
import { materializations, type Outcome } from '../plan/index.ts';
import type { Node } from '../resolve/index.ts';
import { type Dialect, note, type Program, type Relation } from '../sql/index.ts';
import { fail } from '../text/index.ts';

/** Adapters that have a materialization of their own where others share the default. */
const OF_ADAPTER: Readonly<Record<string, readonly string[]>> = { duckdb: ['table', 'incremental'] };

/** The adapter types, `default` among them, for which a kind of materialization is native: templates may call it by each of these names. */
export function nativeTypes(kind: string, dialect: Dialect): readonly string[] {
  if (materializations[kind] === undefined) return [];
  return OF_ADAPTER[dialect.name]?.includes(kind) ? [dialect.name, 'default'] : ['default'];
}

/** The Jinja materialization of a kind, where the project or a package has one or dml has no native one. */
export function jinjaMaterialization({ registry, dialect }: Pick<Invocation, 'registry' | 'dialect'>, kind: string): MacroDef | undefined {
  return registry.materialization(kind, [dialect.name, ...dialect.parents], nativeTypes(kind, dialect));
}

/** A materialization written in Jinja, as a program: it must return its relations and run a statement named `main`. */
export function* materialize(def: MacroDef, node: Node, { names, results }: RunNames): Program<Outcome> {
  const supported = def.supported_languages ?? ['sql'];
  if (!supported.includes(node.language))
    return fail(
      'materialization-language',
      { node: node.name, kind: kindOf(node), language: node.language, supported },
      { at: node.at, dbt: `Materialization "${def.name}" only supports languages [${supported.map((l) => `'${l}'`).join(', ')}]; got "${node.language}"` },
    );
  const macro = names.bind(def);
  const site = { at: node.at };
  // What a macro yields are effects of the names it was given: ours.
  const value = macro.program ? yield* macro.program(callArgs(), site) as Program<Value> : macro.call(callArgs(), site);
  const relations = node.resource_type === 'test' ? [] : relationsOf(value, node);
  // A function may have the name of a table.
  for (const relation of relations) if (relation.type !== 'function') yield* note({ change: 'added', relation });
  const main = results.peek('main');
  if (!main)
    return fail('materialization-main', { node: node.name, kind: kindOf(node) }, { at: node.at, dbt: 'main is not being called during running model' });
  const test = node.resource_type === 'test' ? testOf(main, node) : undefined;
  return { relations, response: responseOf(main), ...(test && { test }) };
}

function kindOf(node: Node): string {
  return String(node.config['materialized'] ?? '');
}

function wrong(node: Node, problem: string, dbt?: string): never {
  return fail('materialization-result', { node: node.name, kind: kindOf(node), problem }, { at: node.at, dbt });
}

function relationsOf(value: Value, node: Node): readonly Relation[] {
  if (typeof value === 'string')
    return wrong(
      node,
      'returns no list of relations',
      `The materialization ("${kindOf(node)}") did not explicitly return a list of relations to add to the cache.`,
    );
  if (!(value instanceof Dict))
    return wrong(
      node,
      `returns ${str(value)} in place of a dict`,
      `Invalid return value from materialization, expected a dict with key "relations", got: ${repr(value)}`,
    );
  if (!value.has('relations'))
    return wrong(
      node,
      `returns a dict without \`relations\` (it has ${[...value.keys()].map((k) => str(k)).join(', ') || 'no keys'})`,
      `Invalid return value from materialization, "relations" not found, got keys: ${repr([...value.keys()])}`,
    );
  const given = value.get('relations') as Value;
  const items = listItems(given);
  if (!items)
    return wrong(node, 'returns `relations` that are no list', `Invalid return value from materialization, "relations" not a list, got: ${repr(given)}`);
  return items.map((item) => {
    try {
      return needRelation(item);
    } catch (e) {
      if (!(e instanceof PyError)) throw e;
      return wrong(
        node,
        'returns `relations` with something in them that is no relation',
        `Invalid return value from materialization, "relations" contains non-Relation: ${str(item)}`,
      );
    }
  });
}

/** The verdict of a test's main statement: one row with failures, should_warn, should_error. */
function testOf(main: Dict, node: Node): NonNullable<Outcome['test']> {
  const table = main.get('table');
  if (!(table instanceof Table) || table.values.length !== 1) return wrong(node, 'must answer one row');
  const cell = (name: string): Value => table.values[0]?.[table.names.findIndex((n) => n.toLowerCase() === name)] ?? null;
  const flag = (v: Value): boolean => (typeof v === 'string' ? /^(y|yes|t|true|on|1)$/i.test(v) : truthy(v));
  return { failures: Number(str(cell('failures'))), shouldWarn: flag(cell('should_warn')), shouldError: flag(cell('should_error')) };
}

/** A native materialization as a macro: it keeps its statement `main` and answers its relations, as one written in Jinja. */
export function nativeMacro(name: string, dialect: Dialect, results: StatementResults, program: () => Program<Outcome>): Value {
  return new Effectful(name, function* () {
    const { relations, response, test } = yield* program();
    results.keep('main', response, test ? verdictTable(test) : null);
    return new Dict([['relations', relations.map((r) => relationValue(dialect, r))]]);
  });
}

function verdictTable({ failures, shouldWarn, shouldError }: NonNullable<Outcome['test']>): Value {
  const columns = [
    { name: 'failures', kind: 'Number' },
    { name: 'should_warn', kind: 'Boolean' },
    { name: 'should_error', kind: 'Boolean' },
  ] as const;
  return tableOf(columns, [[failures, shouldWarn, shouldError]]);
}
