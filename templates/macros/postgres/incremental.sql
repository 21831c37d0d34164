{# Incremental strategies and snapshots on Postgres. #}

{% macro postgres__get_incremental_default_sql(arg_dict) %}
  {{ return(get_incremental_delete_insert_sql(arg_dict) if arg_dict['unique_key'] else get_incremental_append_sql(arg_dict)) }}
{% endmacro %}

{% macro postgres__get_incremental_microbatch_sql(arg_dict) %}
  {%- if not arg_dict['unique_key'] -%}
    {%- do exceptions.raise_compiler_error("The 'microbatch' strategy requires a `unique_key` config on Postgres") -%}
  {%- endif -%}
  {{ return(adapter.dispatch('get_incremental_merge_sql', 'dbt')(arg_dict)) }}
{% endmacro %}

{% macro postgres__snapshot_merge_sql(target, source, insert_cols) -%}
  {%- set columns = dml_snapshot_columns() -%}
  {%- set far = config.get('dbt_valid_to_current') -%}
  {%- set valid_to = target ~ '.' ~ columns.dbt_valid_to -%}
  update {{ target }}
  set {{ columns.dbt_valid_to }} = DBT_INTERNAL_SOURCE.{{ columns.dbt_valid_to }}
  from {{ source }} as DBT_INTERNAL_SOURCE
  where DBT_INTERNAL_SOURCE.{{ columns.dbt_scd_id }}::text = {{ target }}.{{ columns.dbt_scd_id }}::text
    and DBT_INTERNAL_SOURCE.dbt_change_type::text in ('update'::text, 'delete'::text)
    and {{ '(' ~ valid_to ~ ' = ' ~ far ~ ' or ' ~ valid_to ~ ' is null)' if far else valid_to ~ ' is null' }};

  insert into {{ target }} ({{ insert_cols | join(', ') }})
  select {% for column in insert_cols %}DBT_INTERNAL_SOURCE.{{ column }}{{ ', ' if not loop.last }}{% endfor %}
  from {{ source }} as DBT_INTERNAL_SOURCE
  where DBT_INTERNAL_SOURCE.dbt_change_type::text = 'insert'::text;
{%- endmacro %}
