{# Questions about the node and the invocation. #}

{% macro is_core_v2() -%}
  {{ return(dbt_version.split('.')[0] == '2') }}
{%- endmacro %}

{% macro set_sql_header(config) -%}
  {{ config.set('sql_header', caller()) }}
{%- endmacro %}

{# The node's own setting wins over the command line, in both directions. #}
{% macro should_full_refresh() %}
  {%- set own = config.get('full_refresh') -%}
  {{ return(flags.FULL_REFRESH if own is none else own) }}
{% endmacro %}

{% macro should_store_failures() %}
  {%- set own = config.get('store_failures') -%}
  {{ return(flags.STORE_FAILURES if own is none else own) }}
{% endmacro %}

{% macro is_incremental() %}
  {%- if not execute -%}
    {{ return(False) }}
  {%- endif -%}
  {%- set existing = load_cached_relation(this) -%}
  {%- set kept = existing is not none and not should_full_refresh() -%}
  {#- External models with a strategy keep their files' rows; dbt knows no such thing and builds them whole. -#}
  {%- set files = kept and existing.type == 'view' and model.config.materialized == 'external' and model.config.get('incremental_strategy') is not none -%}
  {{ return(files or (kept and existing.type == 'table' and model.config.materialized == 'incremental')) }}
{% endmacro %}
