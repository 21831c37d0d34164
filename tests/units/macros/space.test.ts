import { expect, test } from 'vitest';
import { loadLibrary, renderer } from './library.ts';

const render = renderer(loadLibrary(), 'duckdb');
const rel = "{% set rel = api.Relation.create(database='db', schema='s', identifier='t') %}";

// dbt's own white space (dbt-core 1.11.16, dbt-duckdb 1.11.1), so that compiled files are the same to the byte.
test.each([
  ["{{ cast('a', 'int') }}", '\n    cast(a as int)\n'],
  ["{{ safe_cast('a', 'int') }}", '\n    \n    cast(a as int)\n'],
  ["{{ cast_bool_to_text('a') }}", '\n  \n    cast(a as TEXT)\n\n'],
  ["{{ equals('a', 'b') }}", '(a = b)\n'],
  ['{{ dbt.except() }}', '\n\n    except\n\n'],
  ["{{ replace('a', 'b', 'c') }}", '\n\n    replace(\n        a,\n        b,\n        c\n    )\n\n\n'],
  ["{{ split_part('a', 'b', 1) }}", '\n    string_split(a, b)[ 1 ]\n'],
  ["{{ listagg('a') }}", "\n    string_agg(\n        a,\n        ','\n        \n        )"],
  ["{{ dateadd('day', 1, 'd') }}", '\n\n    (d + cast(1 as bigint) * interval 1 day)'],
  ["{{ dateadd('week', 1, 'd') }}", '\n\n    (d + (cast(1 as bigint) * 7) * interval 1 day)'],
  ["{{ datediff('a', 'b', 'day') }}", "\n        (date_diff('day', a::timestamp, b::timestamp ))\n    "],
  [`${rel}{{ test_not_null(rel, 'id') }}`, '\n    \n    \n\n\n\nselect id\nfrom "db"."s"."t"\nwhere id is null\n\n\n'],
  [`${rel}{{ test_unique(rel, 'id') }}`, /^\n {4}\n {4}\n\nselect\n {4}id as unique_field,\n[\s\S]*having count\(\*\) > 1\n\n\n$/],
])('%s has the white space that dbt gives it', (template, expected) => {
  const { text } = render(template);
  if (typeof expected === 'string') expect(text).toBe(expected);
  else expect(text).toMatch(expected);
});
