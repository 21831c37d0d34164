// Objects that exist only while something runs must lead a template nowhere but to values of templates.
import { beforeAll, describe, expect, test } from 'vitest';
import { Callable, getAttr, getItem, Native, Undefined, type Value } from '../../../src/jinja/index.ts';
import type { Manifest } from '../../../src/resolve/index.ts';
import type { NodeResult } from '../../../src/run/index.ts';
import { resultValue } from '../../../src/run/result-value.ts';
import type { Effect } from '../../../src/sql/index.ts';
import { DiagnosticError } from '../../../src/text/index.ts';
import { loadLibrary, renderer } from '../macros/library.ts';

type Render = ReturnType<typeof renderer>;
let render: Render;
beforeAll(() => {
  render = renderer(loadLibrary(), 'duckdb');
});

/** A database with one table of two columns. */
function answer(effect: Effect): unknown {
  switch (effect.kind) {
    case 'query':
      return {
        table: {
          columns: [
            { name: 'a', type: 'integer', dataType: 'INTEGER' },
            { name: 'b', type: 'text', dataType: 'VARCHAR' },
          ],
          rows: [[1, 'x']],
        },
        response: { message: 'OK', code: 'SELECT', rows: 1 },
      };
    case 'columns':
      return [{ name: 'a', dataType: 'DECIMAL(10,2)' }];
    case 'relations':
      return [
        {
          database: 'golden',
          schema: 'main',
          identifier: 'model',
          type: 'table',
          quote: { database: true, schema: true, identifier: true },
          include: { database: true, schema: true, identifier: true },
        },
      ];
    default:
      return undefined;
  }
}

const result: NodeResult = {
  unique_id: 'model.golden.model',
  status: 'success',
  timing: [{ name: 'compile', started_at: 0, completed_at: 1 }],
  thread_id: 'Thread-1',
  execution_time: 0.1,
  adapter_response: { _message: 'OK' },
  message: 'OK',
  failures: null,
  rows: null,
  compiled: true,
  compiled_code: 'select 1',
  relation_name: null,
};
const manifest = { nodes: new Map(), unitTests: new Map(), exposures: new Map() } as unknown as Manifest;

/** The value of an expression while a model runs. */
function evaluated(expression: string): Value {
  let found: Value = null;
  const take = new Native('take', ({ positional }) => {
    found = positional[0] ?? null;
    return '';
  });
  const extra = new Map<string, Value>([
    ['take', take],
    ['results', [resultValue(result, manifest)]],
  ]);
  render(`{{ take(${expression}) }}`, { answer, extra });
  return found;
}

/** What a template prints, or the code of its diagnostic. */
function outcome(template: string): string {
  try {
    return render(template, { answer, extra: new Map([['results', [resultValue(result, manifest)]]]) }).text;
  } catch (e) {
    if (e instanceof DiagnosticError) return e.diagnostic.code;
    throw e;
  }
}

const reach: readonly string[] = [
  'adapter',
  'adapter.dispatch',
  'adapter.config',
  'adapter.get_relation("golden", "main", "model")',
  'adapter.get_columns_in_relation(this)',
  'adapter.get_columns_in_relation(this)[0]',
  'adapter.get_columns_in_relation(this)[0].quoted',
  'api',
  'api.Relation',
  'api.Relation.create',
  'api.Relation.create(schema="s", identifier="i")',
  'api.Column',
  'api.Column("a", "integer")',
  'this',
  'this.incorporate',
  'this.path',
  'this.include_policy',
  'this.quote_policy',
  'model',
  'model.config',
  'graph',
  'graph.nodes',
  'config',
  'config.get',
  'ref',
  'ref.config',
  'ref.config.vars',
  'source',
  'flags',
  'target',
  'var',
  'var.has_var',
  'env_var',
  'context',
  'context.get',
  'builtins',
  'builtins.ref',
  'context_macro_stack',
  'validation',
  'exceptions',
  'modules',
  'run_query',
  'statement',
  'dbt',
  'dbt.run_query',
  'invocation_args_dict',
  'run_started_at',
  'run_query("select 1")',
  'run_query("select 1").columns',
  'run_query("select 1").columns[0]',
  'run_query("select 1").columns[0].values',
  'run_query("select 1").rows',
  'run_query("select 1").rows[0]',
  'run_query("select 1").rows[0].values',
  'run_query("select 1").column_types[0]',
  'run_query("select 1").print_table',
  'run_query("select 1").select',
  'results',
  'results[0]',
  'results[0].node',
  'results[0].node.unique_id',
  'results[0].timing[0]',
  'results[0].timing[0].started_at',
  'results[0].to_dict',
  'results[0].adapter_response',
  'load_result',
  'render',
  'try_or_compiler_error',
  'diff_of_two_dicts',
];

/** Every name that JavaScript's own objects have, and some that only engines know. */
const javascript = [
  ...new Set(
    [Object, Function, Array, Map, Set, WeakMap, String, Number, BigInt, Date, RegExp, Error, Promise, Symbol, Reflect, Proxy, ArrayBuffer]
      .flatMap((c) => [c, 'prototype' in c ? c.prototype : undefined])
      .flatMap((o) => (o === undefined || o === null ? [] : Object.getOwnPropertyNames(o))),
  ),
  ...['__proto__', 'constructor', 'mainModule', 'process', 'require', 'globalThis', 'import', 'fs', 'fetch', 'eval', 'Function'],
  // dml's own fields of these objects.
  ...[
    'self',
    'body',
    'names',
    'invocation',
    'host',
    'inner',
    'def',
    'macro',
    'members',
    'relation',
    'dialect',
    'env',
    'environment',
    'registry',
    'find',
    'all',
    'answer',
    'session',
    'settings',
  ],
];

/** What a template may hold: plain values, lists of them, and objects that say what type of Python they are. */
function isTemplates(v: unknown): boolean {
  if (v === null || ['string', 'number', 'bigint', 'boolean'].includes(typeof v)) return true;
  return Array.isArray(v) ? v.every(isTemplates) : typeof v === 'object' && typeof (v as { typeName?: unknown }).typeName === 'string';
}

/** Names that some of these objects have in dbt too. */
const python = new Set(
  'name length replace split join index count pop keys values items get add clear delete at find format search match test exec sort reverse union difference copy has now max min any from is compile create bind size source parse entries all env relation database apply select names self members call macro session settings columns rows type description then raw end start sub fill Function set require flags message arguments caller concat'.split(
    ' ',
  ),
);

describe('what exists while something runs', () => {
  test.each(reach)('%s has no attribute and no item of JavaScript', (expression) => {
    const value = evaluated(expression);
    expect(isTemplates(value)).toBe(true);
    const seen = javascript.filter((name) =>
      [getAttr(value, name), getItem(value, name)].some((got) => !isTemplates(got) || (!(got instanceof Undefined) && !python.has(name))),
    );
    expect(seen).toEqual([]);
  });

  test.each(reach)('what %s answers when it is called is a value of templates', (expression) => {
    const value = evaluated(expression);
    if (!(value instanceof Callable)) return expect(value instanceof Callable).toBe(false);
    // Whatever it makes of wrong arguments, it tells as a mistake of the template.
    const text = outcome(`{% set f = ${expression} %}{{ f('__proto__').constructor }}{{ f(f).constructor.constructor }}`);
    expect(text).not.toMatch(/native code|\[object |function /);
  });
});

describe('the known escapes', () => {
  test.each([
    '{{ adapter.constructor("return process")() }}',
    '{{ adapter.dispatch.constructor("return process")() }}',
    '{{ adapter["__proto__"].x }}',
    '{{ adapter.get_relation.call(1).x }}',
    '{{ api.Relation.constructor("x")() }}',
    '{{ api.Relation.__init__.__globals__["os"] }}',
    '{{ api.Column.translate_type.__func__.__globals__ }}',
    '{{ this.__class__.__mro__[1].__subclasses__() }}',
    '{{ this.render.__self__.__class__.x }}',
    '{{ this.incorporate(path={"__proto__": {"identifier": "x"}}).constructor("x") }}',
    '{{ graph.nodes.constructor("x")() }}',
    '{{ graph["__proto__"]["nodes"] }}',
    '{{ model.constructor.constructor("return 1")() }}',
    '{{ run_query("select 1").constructor("x")() }}',
    '{{ run_query("select 1").rows[0].__class__.__mro__ }}{{ run_query("select 1").rows[0]["constructor"]("x") }}',
    '{{ run_query("select 1").columns["__proto__"].x }}',
    '{{ results[0].node.constructor("x")() }}',
    '{{ results[0]["__proto__"].x }}',
    '{{ results[0].to_dict.constructor("return process")() }}',
    '{{ context.constructor("x")() }}',
    '{{ context["__proto__"]["get"] }}',
    '{{ builtins.constructor("x")() }}',
    '{{ builtins.get("constructor")("x") }}',
    '{{ ref.config.constructor("x")() }}',
    '{{ config.get("constructor")("x") }}',
    '{{ config.get("__proto__").x }}',
    '{{ var("constructor")("x") }}',
    '{{ var("__proto__").x }}',
    '{{ env_var("__proto__") }}',
    '{{ env_var("constructor") }}',
    '{{ flags.constructor("x") }}',
    '{{ load_result("__proto__").x }}',
    '{{ load_result("constructor").x }}',
    '{{ adapter.dispatch("constructor")() }}',
    '{{ adapter.dispatch("run_query", "__proto__")() }}',
    '{{ dbt.constructor("x")() }}',
    '{{ dbt["__proto__"].x }}',
    '{{ render("{{ this.constructor.constructor(1) }}") }}',
    '{{ fromjson(\'{"__proto__": {"x": 1}}\').constructor("x") }}',
    '{{ fromyaml("__proto__: {x: 1}").constructor("x") }}',
    '{{ diff_of_two_dicts({"__proto__": ["a"]}, {}).constructor("x") }}',
    '{% do context.update({"__proto__": {"x": 1}}) %}{{ {}.x.y }}',
    '{{ try_or_compiler_error("no", adapter.constructor, "x") }}',
    '{{ modules.datetime.datetime.now.constructor("x")() }}',
  ])('%s finds nothing', (template) => {
    expect(outcome(template)).toMatch(/^(jinja-(undefined|error)|macro-[a-z-]+|dispatch-[a-z-]+|var-not-found|env-var-missing|)$/);
    expect('x' in {}).toBe(false);
  });
});

describe('what is asked by name', () => {
  const names = ['constructor', '__proto__', 'toString', 'hasOwnProperty', 'valueOf'];
  test.each([
    'config.get(NAME)',
    'config.get(NAME, "none")',
    'config.meta_get(NAME)',
    'var(NAME, "none")',
    'var.has_var(NAME)',
    'env_var(NAME, "none")',
    'ref.config.vars.to_dict().get(NAME)',
    'flags[NAME]',
    'target.get(NAME)',
    'load_result(NAME)',
    'graph.nodes.get(NAME)',
    'model.get(NAME)',
    'model.config.get(NAME)',
    'context.get(NAME)',
    'builtins.get(NAME)',
    'invocation_args_dict.get(NAME)',
    'modules.get(NAME)',
    'exceptions[NAME]',
    'run_query("select 1").columns[NAME]',
    'run_query("select 1").rows[0][NAME]',
    'results[0][NAME]',
    'results[0].node[NAME]',
    'dbt[NAME]',
    'this[NAME]',
    'this.path[NAME]',
    'api[NAME]',
    'fromjson("{}").get(NAME)',
  ])('%s finds nothing of JavaScript', (expression) => {
    for (const name of names) expect(outcome(`{{ ${expression.replace('NAME', `'${name}'`)} }}`)).toMatch(/^(None|none|False|)$/);
  });
});

test('the names of templates are those of dbt: none of files, processes or networks', () => {
  const names = render(
    '{{ context.keys() | select("in", ["open", "file", "read", "os", "sys", "subprocess", "fetch", "http", "socket", "process", "require", "fs"]) | join }}',
    { answer },
  );
  expect(names.text).toBe('');
});
