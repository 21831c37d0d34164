import { type JsonMap, listOf, mapOf, numberOf, some, textOf, textsOf } from './json.ts';
import type { Column, Constraint, TestRow } from './types.ts';

/** The columns of a node: those that the database has, in its order, then those that are only described. */
export function columnsOf(json: JsonMap, table: JsonMap | undefined, tests: readonly TestRow[]): readonly Column[] {
  const described = new Map(
    Object.entries(mapOf(json['columns'])).map(([key, value]) => {
      const column = mapOf(value);
      return [(textOf(column['name']) ?? key).toLowerCase(), column] as const;
    }),
  );
  const testsOf = new Map<string, string[]>();
  for (const { id, column } of tests) {
    if (column === undefined) continue;
    const list = testsOf.get(column.toLowerCase());
    if (list) list.push(id);
    else testsOf.set(column.toLowerCase(), [id]);
  }
  const real = Object.entries(mapOf(table?.['columns']))
    .map(([key, value]) => ({ key, column: mapOf(value) }))
    .sort((a, b) => (numberOf(a.column['index']) ?? 0) - (numberOf(b.column['index']) ?? 0));
  const out = real.map(({ key, column }) => {
    const name = textOf(column['name']) ?? key;
    const own = described.get(name.toLowerCase());
    described.delete(name.toLowerCase());
    return columnOf(name, own, testsOf, { type: textOf(column['type']), comment: textOf(column['comment']), undocumented: !own });
  });
  for (const [key, own] of described) out.push(columnOf(textOf(own['name']) ?? key, own, testsOf, { missing: table !== undefined }));
  return out;
}

interface Found {
  readonly type?: string | undefined;
  readonly comment?: string | undefined;
  readonly undocumented?: boolean;
  readonly missing?: boolean;
}

function columnOf(name: string, own: JsonMap | undefined, testsOf: ReadonlyMap<string, readonly string[]>, found: Found): Column {
  const declared = textOf(own?.['data_type']);
  const type = found.type ?? declared;
  const config = mapOf(own?.['config']);
  return {
    name,
    ...some('type', type),
    ...(declared !== undefined && type !== undefined && plain(type) !== plain(declared) && { declaredType: declared }),
    ...some('description', textOf(own?.['description']) ?? found.comment),
    ...(found.missing && { missing: true as const }),
    ...(found.undocumented && { undocumented: true as const }),
    ...some(
      'constraints',
      listOf(own?.['constraints']).map((c) => constraintOf(mapOf(c))),
    ),
    ...some('tests', testsOf.get(name.toLowerCase())),
    ...some('tags', textsOf(own?.['tags'])),
    ...some('meta', { ...mapOf(config['meta']), ...mapOf(own?.['meta']) }),
  };
}

/** A type whatever its case and blanks: `decimal(18, 2)` is what the database calls `DECIMAL(18,2)`. */
function plain(type: string): string {
  return type.toLowerCase().replace(/\s/g, '');
}

/** A constraint of a node or column. */
export function constraintOf(json: JsonMap): Constraint {
  return {
    type: textOf(json['type']) ?? 'custom',
    ...some('name', textOf(json['name'])),
    ...some('columns', listOf(json['columns']).map(String)),
    ...some('expression', textOf(json['expression'])),
    ...some('to', textOf(json['to'])),
    ...some('toColumns', listOf(json['to_columns']).map(String)),
  };
}
