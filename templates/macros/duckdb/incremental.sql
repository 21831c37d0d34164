{# Incremental strategies of DuckDB. #}

{% macro duckdb__get_incremental_default_sql(arg_dict) %}
  {{ return(get_incremental_delete_insert_sql(arg_dict)) }}
{% endmacro %}

{% macro duckdb__get_delete_insert_merge_sql(target, source, unique_key, dest_columns, incremental_predicates) -%}
  {%- set columns = get_quoted_csv(dest_columns | map(attribute='name')) -%}
  {%- set restrictions -%}
    {%- for predicate in incremental_predicates or [] %}
      and {{ predicate }}
    {%- endfor -%}
  {%- endset -%}
  {%- if unique_key is string and unique_key -%}
    delete from {{ target }}
    where (
      {{ unique_key }}) in (
      select ({{ unique_key }})
      from {{ source }}
    )
    {{- restrictions }};
  {% elif unique_key -%}
    delete from {{ target }} as DBT_INCREMENTAL_TARGET
    using {{ source }}
    where (
      {%- for key in unique_key %}
      {{ source }}.{{ key }} = DBT_INCREMENTAL_TARGET.{{ key }}{{ ' and' if not loop.last }}
      {%- endfor -%}
      {{ restrictions }}
    );
  {% endif -%}
  insert into {{ target }} ({{ columns }})
  (
    select {{ columns }}
    from {{ source }}
  )
{%- endmacro %}

{% macro normalize_incremental_predicates(incremental_predicates) -%}
  {{ return(normalize_string_or_list(incremental_predicates, 'incremental_predicates')) }}
{%- endmacro %}

{# One batch: the window's rows are replaced. #}
{% macro duckdb__get_incremental_microbatch_sql(arg_dict) -%}
  {%- set event_time = config.get('event_time') -%}
  {%- set batch = model.get('batch') or {} -%}
  {%- if not event_time -%}
    {%- do exceptions.raise_compiler_error("microbatch incremental strategy requires an 'event_time' model config") -%}
  {%- elif config.get('unique_key') -%}
    {%- do exceptions.raise_compiler_error("microbatch incremental strategy does not support 'unique_key': a batch is replaced as a whole, by its 'event_time'. Remove 'unique_key' or use incremental_strategy='merge'.") -%}
  {%- elif not batch.get('event_time_start') or not batch.get('event_time_end') -%}
    {%- do exceptions.raise_compiler_error("microbatch incremental strategy requires 'batch.event_time_start' and 'batch.event_time_end' to be set in the context") -%}
  {%- endif -%}
  {%- set target, source = arg_dict['target_relation'], arg_dict['temp_relation'] -%}
  {%- set columns = get_quoted_csv(arg_dict['dest_columns'] | map(attribute='name')) -%}
  {%- set window = event_time ~ " >= '" ~ batch.get('event_time_start') ~ "' and " ~ event_time ~ " < '" ~ batch.get('event_time_end') ~ "'" -%}
  {%- set build -%}
    delete from {{ target }}
    where {{ window }}
    {%- for predicate in normalize_incremental_predicates(arg_dict.get('incremental_predicates')) %}
      and ({{ predicate }})
    {%- endfor %};
    insert into {{ target }} ({{ columns }})
    select {{ columns }}
    from {{ source }}
    where {{ window }};
  {%- endset -%}
  {{ return(build) }}
{%- endmacro %}
