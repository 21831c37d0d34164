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
  {{ return(existing is not none and existing.type == 'table' and model.config.materialized == 'incremental' and not should_full_refresh()) }}
{% endmacro %}
