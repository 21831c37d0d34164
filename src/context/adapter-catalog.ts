import { type Args, Callable, type Program, PyError, signature, str, type Value } from '../jinja/index.ts';
import * as sql from '../sql/index.ts';
import { fail, type Span } from '../text/index.ts';
import { type Arguments, type Facade, list, type Methods, no, none, type Steps, textOrNull } from './adapter-method.ts';
import { columnValue } from './column.ts';
import { needRelation, relationValue } from './relation.ts';

/** Methods of relations, schemas and columns: what there is, and what is told of changes. */
export const catalogMethods: Methods = [
  ['get_relation', { sig: signature('get_relation', 0, 'database', 'schema', 'identifier'), stub: none, steps: getRelation }],
  [
    'load_relation',
    {
      sig: signature('load_relation', 0, 'relation'),
      stub: none,
      steps: function* ([r], host) {
        return yield* found(host, needRelation(r));
      },
    },
  ],
  [
    'list_relations',
    {
      sig: signature('list_relations', 0, 'database', 'schema='),
      stub: list,
      steps: ([db, schema], host) => listRelations(host, textOrNull(db), str(schema ?? null)),
    },
  ],
  ['list_relations_without_caching', { sig: signature('list_relations_without_caching', 0, 'schema_relation'), stub: list, steps: listRelationsOf }],
  [
    'list_schemas',
    {
      sig: signature('list_schemas', 0, 'database'),
      stub: list,
      steps: function* ([db]) {
        return [...(yield* sql.schemas(textOrNull(db)))];
      },
    },
  ],
  ['check_schema_exists', { sig: signature('check_schema_exists', 0, 'database', 'schema'), stub: no, steps: checkSchema }],
  ['already_exists', { sig: signature('already_exists', 0, 'schema', 'name'), stub: no, steps: alreadyExists }],
  ['create_schema', { sig: signature('create_schema', 0, 'relation'), stub: none, steps: createSchema }],
  ['drop_schema', { sig: signature('drop_schema', 0, 'relation'), stub: none, steps: dropSchema }],
  ['drop_relation', { sig: signature('drop_relation', 0, 'relation'), stub: none, steps: dropRelation }],
  ['truncate_relation', { sig: signature('truncate_relation', 0, 'relation'), stub: none, steps: throughMacro('truncate_relation') }],
  ['rename_relation', { sig: signature('rename_relation', 0, 'from_relation', 'to_relation'), stub: none, steps: renameRelation }],
  ['get_columns_in_relation', { sig: signature('get_columns_in_relation', 0, 'relation'), stub: list, steps: columnsIn }],
  ['get_columns_in_table', { sig: signature('get_columns_in_table', 0, 'schema', 'identifier'), stub: list, steps: columnsInTable }],
  ['get_missing_columns', { sig: signature('get_missing_columns', 0, 'from_relation', 'to_relation'), stub: list, steps: missingColumns }],
  ['expand_target_column_types', { sig: signature('expand_target_column_types', 0, 'from_relation', 'to_relation'), stub: none, plain: none }],
  ['get_column_schema_from_query', { sig: signature('get_column_schema_from_query', 0, 'sql'), stub: list, steps: columnsOfQuery }],
  [
    'cache_added',
    {
      sig: signature('cache_added', 0, 'relation'),
      stub: () => '',
      steps: function* ([r]) {
        if (r !== null) yield* sql.note({ change: 'added', relation: needRelation(r) });
        return '';
      },
    },
  ],
  [
    'cache_dropped',
    {
      sig: signature('cache_dropped', 0, 'relation'),
      stub: () => '',
      steps: function* ([r]) {
        if (r !== null) yield* sql.note({ change: 'dropped', relation: needRelation(r) });
        return '';
      },
    },
  ],
  ['cache_renamed', { sig: signature('cache_renamed', 0, 'from_relation', 'to_relation'), stub: () => '', steps: cacheRenamed }],
];

function* found(host: Facade, wanted: sql.Relation): Program {
  const there = yield* sql.lookup(wanted);
  return there === null ? null : relationValue(host.names.invocation.dialect, there);
}

function* getRelation([database, schema, identifier]: Arguments, host: Facade, at: Span): Program {
  const { dialect, quoting } = host.names.invocation;
  const wanted = sql.relation(textOrNull(database), textOrNull(schema), textOrNull(identifier));
  const there = yield* sql.lookup(wanted);
  if (there === null) return null;
  // Names that are quoted are what they are: a relation whose name differs in case is another one, and guessing would be wrong for one of the two.
  const differs = (['schema', 'identifier'] as const).some((part) => quoting[part] && wanted[part] !== null && there[part] !== wanted[part]);
  if (differs) return fail('relation-approximate', { wanted: dialect.render(wanted), found: dialect.render(there) }, { at });
  return relationValue(dialect, there);
}

function* listRelations(host: Facade, database: string | null, schema: string): Program {
  const all = yield* sql.relations(database, schema);
  return all.map((r) => relationValue(host.names.invocation.dialect, r));
}

function* listRelationsOf([schemaRelation]: Arguments, host: Facade): Program {
  const { database, schema } = needRelation(schemaRelation);
  return yield* listRelations(host, database, schema ?? '');
}

function* checkSchema([database, schema]: Arguments): Program {
  const wanted = str(schema as Value).toLowerCase();
  return (yield* sql.schemas(textOrNull(database))).some((s) => s.toLowerCase() === wanted);
}

function* alreadyExists([schema, name]: Arguments, host: Facade): Program {
  return (yield* found(host, sql.relation(host.names.invocation.targetDatabase, textOrNull(schema), textOrNull(name)))) !== null;
}

/** A method that is the macro of its name. */
function throughMacro(name: string): Steps {
  return function* ([relation], host, at) {
    yield* callMacro(host, name, [relation as Value], at);
    return null;
  };
}

function* callMacro(host: Facade, name: string, args: readonly Value[], at: Span): Program {
  const macro = host.names.lookup(name);
  if (!(macro instanceof Callable)) throw new PyError('UndefinedError', `'${name}' is undefined`);
  const call: Args = { positional: args, named: new Map() };
  return macro.program ? yield* macro.program(call, { at }) : macro.call(call, { at });
}

function* createSchema([relation]: Arguments, host: Facade, at: Span): Program {
  yield* callMacro(host, 'create_schema', [relation as Value], at);
  yield* sql.commit();
  return null;
}

function* dropSchema([relation]: Arguments, host: Facade, at: Span): Program {
  const { database, schema } = needRelation(relation);
  yield* callMacro(host, 'drop_schema', [relation as Value], at);
  // As dbt: a schema is there, or gone, for everybody at once.
  yield* sql.commit();
  yield* sql.note({ change: 'schema-dropped', database, schema: schema ?? '' });
  return null;
}

function* dropRelation([relation]: Arguments, host: Facade, at: Span): Program {
  yield* sql.note({ change: 'dropped', relation: needRelation(relation) });
  return yield* callMacro(host, 'drop_relation', [relation as Value], at);
}

function* renameRelation([from, to]: Arguments, host: Facade, at: Span): Program {
  yield* sql.note({ change: 'renamed', relation: needRelation(from), to: needRelation(to) });
  return yield* callMacro(host, 'rename_relation', [from as Value, to as Value], at);
}

function* cacheRenamed([from, to]: Arguments): Program {
  yield* sql.note({ change: 'renamed', relation: needRelation(from), to: needRelation(to) });
  return '';
}

function* columnsIn([relation]: Arguments, host: Facade): Program {
  const all = yield* sql.columns(needRelation(relation));
  return all.map((c) => columnValue(host.names.invocation.dialect, c));
}

function* columnsInTable([schema, identifier]: Arguments, host: Facade): Program {
  return yield* columnsIn([relationValue(host.names.invocation.dialect, sql.relation(null, textOrNull(schema), textOrNull(identifier)))], host);
}

function* missingColumns([from, to]: Arguments, host: Facade): Program {
  const there = new Set((yield* sql.columns(needRelation(to))).map((c) => c.name));
  const all = yield* sql.columns(needRelation(from));
  return all.filter((c) => !there.has(c.name)).map((c) => columnValue(host.names.invocation.dialect, c));
}

function* columnsOfQuery([text]: Arguments, host: Facade): Program {
  const { table } = yield* sql.query(str(text as Value));
  return table.columns.map((c) => columnValue(host.names.invocation.dialect, { name: c.name, dataType: c.dataType }));
}
