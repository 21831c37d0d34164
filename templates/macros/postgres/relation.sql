{# Schemas and relations of Postgres. A connection sees one database, so statements name schemas without it. #}

{% macro postgres__create_schema(relation) -%}
  {{ adapter.verify_database(relation.database) if relation.database }}
  {%- call statement('create_schema') -%}
    create schema if not exists {{ relation.without_identifier().include(database=False) }}
  {%- endcall -%}
{%- endmacro %}

{% macro postgres__drop_schema(relation) -%}
  {{ adapter.verify_database(relation.database) if relation.database }}
  {%- call statement('drop_schema') -%}
    drop schema if exists {{ relation.without_identifier().include(database=False) }} cascade
  {%- endcall -%}
{%- endmacro %}

{% macro postgres__list_schemas(database) %}
  {{ adapter.verify_database(database) if database }}
  {%- call statement('list_schemas', fetch_result=True, auto_begin=False) -%}
    select distinct nspname from pg_namespace
  {%- endcall -%}
  {{ return(load_result('list_schemas').table) }}
{% endmacro %}

{% macro postgres__check_schema_exists(information_schema, schema) -%}
  {{ adapter.verify_database(information_schema.database) if information_schema.database }}
  {%- call statement('check_schema_exists', fetch_result=True, auto_begin=False) -%}
    select count(*) from pg_namespace where nspname = '{{ schema }}'
  {%- endcall -%}
  {{ return(load_result('check_schema_exists').table) }}
{%- endmacro %}

{% macro postgres__information_schema_name(database) -%}
  information_schema
{%- endmacro %}

{% macro postgres__list_relations_without_caching(schema_relation) %}
  {%- set schema = "ilike '" ~ schema_relation.schema ~ "'" -%}
  {%- call statement('list_relations_without_caching', fetch_result=True) -%}
    select '{{ schema_relation.database }}' as database, name, schema, type
    from (
      select tablename as name, schemaname as schema, 'table' as type from pg_tables where schemaname {{ schema }}
      union all
      select viewname, schemaname, 'view' from pg_views where schemaname {{ schema }}
      union all
      select matviewname, schemaname, 'materialized_view' from pg_matviews where schemaname {{ schema }}
      union all
      select distinct proname, nspname, 'function' from pg_proc join pg_namespace on pronamespace = pg_namespace.oid where nspname {{ schema }}
    ) as relations
  {%- endcall -%}
  {{ return(load_result('list_relations_without_caching').table) }}
{% endmacro %}

{% macro postgres__get_columns_in_relation(relation) -%}
  {%- call statement('get_columns_in_relation', fetch_result=True) -%}
    select
      column_name,
      data_type,
      character_maximum_length,
      numeric_precision,
      numeric_scale
    from {{ relation.information_schema('columns') }}
    where table_name = '{{ relation.identifier }}'
      {{ "and table_schema = '" ~ relation.schema ~ "'" if relation.schema }}
    order by ordinal_position
  {%- endcall -%}
  {{ return(sql_convert_columns_in_relation(load_result('get_columns_in_relation').table)) }}
{%- endmacro %}

{# The suffix must survive: Postgres cuts names that are too long from behind. #}
{% macro postgres__make_relation_with_suffix(base_relation, suffix, dstring) %}
  {%- set suffix = suffix ~ (modules.datetime.datetime.now().strftime('%H%M%S%f') if dstring else '') -%}
  {%- set room = base_relation.relation_max_name_length() - suffix | length -%}
  {%- if room < 0 -%}
    {%- do exceptions.raise_compiler_error(
      'Relation suffix is too long (' ~ (suffix | length) ~ ' characters). Maximum length is ' ~ base_relation.relation_max_name_length() ~ ' characters.'
    ) -%}
  {%- endif -%}
  {{ return(base_relation.incorporate(path={'identifier': base_relation.identifier[:room] ~ suffix})) }}
{% endmacro %}

{% macro postgres__make_intermediate_relation(base_relation, suffix) %}
  {{ return(postgres__make_relation_with_suffix(base_relation, suffix, dstring=False)) }}
{% endmacro %}

{% macro postgres__make_temp_relation(base_relation, suffix) %}
  {%- set temporary = postgres__make_relation_with_suffix(base_relation, suffix, dstring=True) -%}
  {{ return(temporary.incorporate(path={'schema': none, 'database': none})) }}
{% endmacro %}

{% macro postgres__make_backup_relation(base_relation, backup_relation_type, suffix) %}
  {{ return(postgres__make_relation_with_suffix(base_relation, suffix, dstring=False).incorporate(type=backup_relation_type)) }}
{% endmacro %}

{% macro postgres__current_timestamp() -%}
  now()
{%- endmacro %}

{% macro postgres__snapshot_get_time() -%}
  {{ current_timestamp() }}::timestamp without time zone
{%- endmacro %}

{% macro postgres__snapshot_string_as_time(timestamp) -%}
  {{ return("'" ~ timestamp ~ "'::timestamp without time zone") }}
{%- endmacro %}

{% macro postgres__current_timestamp_backcompat() %}
  current_timestamp::{{ type_timestamp() }}
{% endmacro %}

{% macro postgres__current_timestamp_in_utc_backcompat() %}
  (current_timestamp at time zone 'utc')::{{ type_timestamp() }}
{% endmacro %}
