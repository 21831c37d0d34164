{# Schemas and relations of DuckDB and of the databases attached to it. Names are compared without regard to case. #}

{# An attached database of another kind may have no schemas to create. #}
{% macro duckdb__create_schema(relation) -%}
  {%- set foreign = run_query("select type from duckdb_databases() where lower(database_name) = '" ~ (relation.database | lower) ~ "' and type != 'duckdb'") -%}
  {%- set kind = foreign.columns[0].values()[0] if foreign | length > 0 else 'duckdb' -%}
  {%- if kind == 'sqlite' and relation.schema != 'main' -%}
    {%- do exceptions.raise_compiler_error("Schema must be 'main' when writing to sqlite instead got " ~ relation.schema) -%}
  {%- endif -%}
  {%- if kind not in ['sqlite', 'mysql'] -%}
    {%- call statement('create_schema') -%}
      create schema if not exists {{ relation.without_identifier() }}
    {%- endcall -%}
  {%- endif -%}
{%- endmacro %}

{% macro duckdb__drop_schema(relation) -%}
  {%- call statement('drop_schema') -%}
    drop schema if exists {{ relation.without_identifier() }} cascade
  {%- endcall -%}
{%- endmacro %}

{% macro duckdb__list_schemas(database) -%}
  {%- set query -%}
    select schema_name
    from system.information_schema.schemata
    {{ "where lower(catalog_name) = '" ~ (database | lower) ~ "'" if database is not none }}
  {%- endset -%}
  {{ return(run_query(query)) }}
{%- endmacro %}

{% macro duckdb__check_schema_exists(information_schema, schema) -%}
  {%- set query -%}
    select count(*)
    from system.information_schema.schemata
    where lower(schema_name) = '{{ schema | lower }}' and lower(catalog_name) = '{{ information_schema.database | lower }}'
  {%- endset -%}
  {{ return(run_query(query)) }}
{%- endmacro %}

{% macro duckdb__list_relations_without_caching(schema_relation) %}
  {%- call statement('list_relations_without_caching', fetch_result=True) -%}
    select
      '{{ schema_relation.database }}' as database,
      table_name as name,
      table_schema as schema,
      case when table_type = 'VIEW' then 'view' when table_type in ('BASE TABLE', 'LOCAL TEMPORARY') then 'table' end as type
    from system.information_schema.tables
    where lower(table_schema) = '{{ schema_relation.schema | lower }}' and lower(table_catalog) = '{{ schema_relation.database | lower }}'
  {%- endcall -%}
  {{ return(load_result('list_relations_without_caching').table) }}
{% endmacro %}

{# By describe: it sees temporary tables and attached databases too. #}
{% macro duckdb__get_columns_in_relation(relation) -%}
  {%- call statement('get_columns_in_relation', fetch_result=True) -%}
    select
      column_name,
      column_type as data_type,
      null::bigint as character_maximum_length,
      null::bigint as numeric_precision,
      null::bigint as numeric_scale
    from (describe {{ relation.render() }})
  {%- endcall -%}
  {{ return(sql_convert_columns_in_relation(load_result('get_columns_in_relation').table)) }}
{%- endmacro %}

{# DuckLake knows no cascade. #}
{% macro duckdb__drop_relation(relation) -%}
  {%- call statement('drop_relation', auto_begin=False) -%}
    drop {{ relation.type }} if exists {{ relation }}{{ ' cascade' if not adapter.is_ducklake(relation) }}
  {%- endcall -%}
{%- endmacro %}

{% macro duckdb__rename_relation(from_relation, to_relation) -%}
  {%- call statement('rename_relation') -%}
    alter {{ to_relation.type }} {{ from_relation }} rename to {{ adapter.quote_as_configured(to_relation.identifier, 'identifier') }}
  {%- endcall -%}
{%- endmacro %}

{# The time keeps the names of threads that share a database file apart. #}
{% macro duckdb__make_temp_relation(base_relation, suffix) %}
  {%- set identifier = base_relation.identifier ~ suffix ~ py_current_timestring() -%}
  {{ return(base_relation.incorporate(path={'identifier': identifier, 'schema': none, 'database': none})) }}
{% endmacro %}

{# Where the rows of an incremental run wait, and whether that is a temporary table: MotherDuck has none across its two halves. #}
{% macro duckdb__dispatch_temporary_relation(target_relation, batch_id='') %}
  {%- if not adapter.is_motherduck() -%}
    {{ return({'relation': make_temp_relation(target_relation), 'temporary': true}) }}
  {%- endif -%}
  {%- set staging = target_relation.incorporate(path=adapter.get_temp_relation_path(target_relation, batch_id)) -%}
  {%- do run_query(create_schema(staging)) -%}
  {%- if not adapter.disable_transactions() -%}
    {%- do adapter.commit() -%}
  {%- endif -%}
  {{ return({'relation': staging, 'temporary': false}) }}
{% endmacro %}

{# One column at a time: DuckDB alters no more at once. #}
{% macro duckdb__alter_relation_add_remove_columns(relation, add_columns, remove_columns) %}
  {%- set table = 'alter ' ~ relation.type ~ ' ' ~ relation -%}
  {%- for column in add_columns or [] -%}
    {%- do run_query(table ~ ' add column ' ~ api.Relation.create(identifier=column.name) ~ ' ' ~ column.data_type) -%}
  {%- endfor -%}
  {%- for column in remove_columns or [] -%}
    {%- do run_query(table ~ ' drop column ' ~ api.Relation.create(identifier=column.name)) -%}
  {%- endfor -%}
{% endmacro %}

{# A header may hold a `set` or a macro definition: it cannot stand in front of a subquery, so it runs on its own. #}
{% macro duckdb__get_empty_subquery_sql(select_sql, select_sql_header=none) %}
  {%- if select_sql_header is not none -%}
    {%- do run_query(select_sql_header) -%}
  {%- endif -%}
  select * from (
    {{ select_sql }}
  ) as __dbt_sbq
  where false
  limit 0
{% endmacro %}

{# DuckDB has no users to grant to. #}
{% macro duckdb__apply_grants(relation, grant_config, should_revoke=True) %}
  {%- if grant_config -%}
    {{ adapter.warn_once('Grants for relations are not supported by DuckDB') }}
  {%- endif -%}
{% endmacro %}

{% macro duckdb__current_timestamp() -%}
  now()
{%- endmacro %}

{% macro duckdb__snapshot_get_time() -%}
  {{ current_timestamp() }}::timestamp
{%- endmacro %}

{% macro duckdb__snapshot_string_as_time(timestamp) -%}
  {{ return("'" ~ timestamp ~ "'::timestamp") }}
{%- endmacro %}
