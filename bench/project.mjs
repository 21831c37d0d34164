// Writes a synthetic dbt project: `node bench/project.mjs DIR MODELS`. 40 % staging views over 10 seeds, 35 % intermediate views and 25 % mart tables that
// each join two earlier models, `not_null` and `unique` tests on every second model, two macros. The same arguments give the same bytes.
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const seeds = 10;
const rowsPerSeed = 100;

const settings = `name: synth
version: '1.0'
config-version: 2
profile: synth
models:
  synth:
    +materialized: view
    marts:
      +materialized: table
`;
const profile = `synth:
  target: dev
  outputs:
    dev: {type: duckdb, path: synth.duckdb, threads: 2}
`;
const macros = {
  cents: '{% macro cents_to_dollars(col, scale=2) %}round({{ col }} / 100.0, {{ scale }}){% endmacro %}\n',
  cols: '{% macro pick(cols) -%}{%- for c in cols -%}{{ c }}{% if not loop.last %}, {% endif %}{%- endfor -%}{%- endmacro %}\n',
};

/** Writes the project into DIR, which is created. */
export function writeProject(dir, models) {
  const random = generator(7);
  const write = (name, text) => {
    fs.mkdirSync(path.dirname(path.join(dir, name)), { recursive: true });
    fs.writeFileSync(path.join(dir, name), text);
  };
  write('dbt_project.yml', settings);
  write('profiles.yml', profile);
  for (const [name, text] of Object.entries(macros)) write(`macros/${name}.sql`, text);
  for (let s = 0; s < seeds; s++) write(`seeds/raw_${s}.csv`, seed(random));

  const earlier = { staging: [], all: [] };
  const schemas = new Map();
  for (let i = 0; i < models; i++) {
    const layer = i < models * 0.4 ? 'staging' : i < models * 0.75 ? 'intermediate' : 'marts';
    const name = `${layer.slice(0, 3)}_model_${i}`;
    const folder = `models/${layer}/g${Math.floor(i / 50)}`;
    const parents = (layer === 'intermediate' ? earlier.staging : earlier.all).slice(-400);
    write(`${folder}/${name}.sql`, layer === 'staging' ? staging(i) : joined(...two(parents, random)));
    schemas.set(folder, `${schemas.get(folder) ?? 'version: 2\nmodels:\n'}${properties(name, i)}`);
    earlier.all.push(name);
    if (layer === 'staging') earlier.staging.push(name);
  }
  for (const [folder, text] of schemas) write(`${folder}/_schema.yml`, text);
}

function seed(random) {
  const rows = Array.from({ length: rowsPerSeed }, (_, r) => `${r},${r % 17},${1 + random(9999)},2024-01-${String((r % 28) + 1).padStart(2, '0')}`);
  return `id,customer_id,amount,created_at\n${rows.join('\n')}\n`;
}

function staging(i) {
  return `{{ config(tags=['t${i % 7}']) }}
with source as (
    select * from {{ ref('raw_${i % seeds}') }}
),
renamed as (
    select id, customer_id, {{ cents_to_dollars('amount') }} as amount, cast(created_at as date) as created_at
    from source
)
select {{ pick(['id','customer_id','amount','created_at']) }} from renamed
`;
}

function joined(a, b) {
  return `with a as (select * from {{ ref('${a}') }}),
b as (select * from {{ ref('${b}') }}),
joined as (
    select a.id, a.customer_id, a.amount + coalesce(b.amount, 0) as amount, a.created_at
    from a left join b on a.id = b.id
    {% if var('limit_dev', false) %} where a.created_at > '2024-01-10' {% endif %}
)
select {{ pick(['id','customer_id','amount','created_at']) }},
       row_number() over (partition by customer_id order by created_at) as rn
from joined
`;
}

function properties(name, i) {
  const head = `  - name: ${name}\n    description: "Model number ${i}"\n    columns:\n      - name: id\n        description: primary key\n`;
  const rest =
    '        data_tests: [not_null, unique]\n      - name: customer_id\n        description: the customer\n      - name: amount\n        description: dollars\n';
  return i % 2 === 0 ? head + rest : head;
}

/** Two different entries. */
function two(names, random) {
  const a = random(names.length);
  const b = (a + 1 + random(names.length - 1)) % names.length;
  return [names[a], names[b]];
}

/** A seeded generator of integers below a bound (mulberry32). */
function generator(state) {
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 4294967296) * below);
  };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) writeProject(process.argv[2], Number(process.argv[3] ?? 1000));
