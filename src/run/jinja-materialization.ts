import { listItems, type MacroDef, needRelation, type RunNames, relationValue, responseOf, type StatementResults, Table, tableOf } from '../context/index.ts';
import { callArgs, Dict, Effectful, PyError, str, truthy, type Value } from '../jinja/index.ts';
import type { Outcome } from '../plan/index.ts';
import type { Node } from '../resolve/index.ts';
import { type Dialect, note, type Program, type Relation } from '../sql/index.ts';
import { fail } from '../text/index.ts';

/** A materialization written in Jinja, as a program: it must return its relations and run a statement named `main`. */
export function* materialize(def: MacroDef, node: Node, { names, results }: RunNames): Program<Outcome> {
  const macro = names.bind(def);
  const site = { at: node.at };
  // What a macro yields are effects of the names it was given: ours.
  const value = macro.program ? yield* macro.program(callArgs(), site) as Program<Value> : macro.call(callArgs(), site);
  const relations = node.resource_type === 'test' ? [] : relationsOf(value, node);
  for (const relation of relations) yield* note({ change: 'added', relation });
  const main = results.peek('main');
  if (!main) return wrong(node, "runs no statement named 'main'");
  const test = node.resource_type === 'test' ? testOf(main, node) : undefined;
  return { relations, response: responseOf(main), ...(test && { test }) };
}

function wrong(node: Node, problem: string): never {
  return fail('materialization-result', { node: node.name, kind: String(node.config['materialized'] ?? ''), problem }, { at: node.at });
}

function relationsOf(value: Value, node: Node): readonly Relation[] {
  if (!(value instanceof Dict)) return wrong(node, typeof value === 'string' ? 'returns no list of relations' : `returns ${str(value)} in place of a dict`);
  if (!value.has('relations'))
    return wrong(node, `returns a dict without \`relations\` (it has ${[...value.keys()].map((k) => str(k)).join(', ') || 'no keys'})`);
  const items = listItems(value.get('relations'));
  if (!items) return wrong(node, 'returns `relations` that are no list');
  try {
    return items.map((item) => needRelation(item));
  } catch (e) {
    if (e instanceof PyError) return wrong(node, 'returns `relations` with something in them that is no relation');
    throw e;
  }
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
