{# Snapshots on DuckDB: closed versions first, new ones after, in one batch. #}

{% macro duckdb__snapshot_merge_sql(target, source, insert_cols) -%}
  {%- set columns = dml_snapshot_columns() -%}
  {%- set far = config.get('dbt_valid_to_current') -%}
  {%- set valid_to = 'DBT_INTERNAL_TARGET.' ~ columns.dbt_valid_to -%}
  update {{ target }} as DBT_INTERNAL_TARGET
  set {{ columns.dbt_valid_to }} = DBT_INTERNAL_SOURCE.{{ columns.dbt_valid_to }}
  from {{ source }} as DBT_INTERNAL_SOURCE
  where DBT_INTERNAL_SOURCE.{{ columns.dbt_scd_id }}::text = DBT_INTERNAL_TARGET.{{ columns.dbt_scd_id }}::text
    and DBT_INTERNAL_SOURCE.dbt_change_type::text in ('update'::text, 'delete'::text)
    and {{ '(' ~ valid_to ~ ' = ' ~ far ~ ' or ' ~ valid_to ~ ' is null)' if far else valid_to ~ ' is null' }};

  insert into {{ target }} ({{ insert_cols | join(', ') }})
  select {% for column in insert_cols %}DBT_INTERNAL_SOURCE.{{ column }}{{ ', ' if not loop.last }}{% endfor %}
  from {{ source }} as DBT_INTERNAL_SOURCE
  where DBT_INTERNAL_SOURCE.dbt_change_type::text = 'insert'::text;
{%- endmacro %}

{% macro build_snapshot_staging_table(strategy, sql, target_relation) %}
  {%- set staging = duckdb__dispatch_temporary_relation(target_relation) -%}
  {%- set select = snapshot_staging_table(strategy, sql, target_relation) -%}
  {%- call statement('build_snapshot_staging_relation') -%}
    {{ create_table_as(staging.temporary, staging.relation, select) }}
  {%- endcall -%}
  {{ return(staging.relation) }}
{% endmacro %}

{% macro duckdb__post_snapshot(temporary_relation) %}
  {{ return(drop_relation(temporary_relation)) }}
{% endmacro %}
