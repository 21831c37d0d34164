{# Running SQL from a template. #}

{%- macro statement(name=None, fetch_result=False, auto_begin=True, language='sql') -%}
  {%- if execute -%}
    {%- set code = caller() -%}
    {%- if name == 'main' -%}
      {{ log('Writing runtime ' ~ language ~ ' for node "' ~ model['unique_id'] ~ '"') }}
      {{- write(code) -}}
    {%- endif -%}
    {%- if language == 'sql' -%}
      {%- set response, rows = adapter.execute(code, auto_begin=auto_begin, fetch=fetch_result) -%}
    {%- elif language == 'python' -%}
      {%- set response, rows = submit_python_job(model, code), none -%}
    {%- else -%}
      {%- do exceptions.raise_compiler_error('statement() runs sql and python, not ' ~ language) -%}
    {%- endif -%}
    {%- if name is not none -%}
      {{ store_result(name, response=response, agate_table=rows) }}
    {%- endif -%}
  {%- endif -%}
{%- endmacro %}

{# Keeps a result for load_result() without running anything: the work was done by other means. #}
{% macro noop_statement(name=None, message=None, code=None, rows_affected=None, res=None) -%}
  {%- set sql = caller() -%}
  {%- if name == 'main' -%}
    {{ log('Writing runtime SQL for node "' ~ model['unique_id'] ~ '"') }}
    {{- write(sql) -}}
  {%- endif -%}
  {%- if name is not none -%}
    {{ store_raw_result(name, message=message, code=code, rows_affected=rows_affected, agate_table=res) }}
  {%- endif -%}
{%- endmacro %}

{% macro run_query(sql) %}
  {%- call statement('run_query_statement', fetch_result=true, auto_begin=false) -%}
    {{ sql }}
  {%- endcall -%}
  {{ return(load_result('run_query_statement').table) }}
{% endmacro %}

{% macro validate_sql(sql) -%}
  {{ return(adapter.dispatch('validate_sql', 'dbt')(sql)) }}
{%- endmacro %}

{% macro default__validate_sql(sql) -%}
  {%- call statement('validate_sql') -%}
    explain {{ sql }}
  {%- endcall -%}
  {{ return(load_result('validate_sql')) }}
{%- endmacro %}

{# Rows for `show` and for tests with a limit: the statement as it is, with its own limit at the end. #}
{% macro get_show_sql(compiled_code, sql_header, limit) -%}
  {{ sql_header if sql_header is not none }}
  {{ get_limit_subquery_sql(compiled_code, limit) }}
{%- endmacro %}

{% macro get_limit_subquery_sql(sql, limit) -%}
  {{ return(adapter.dispatch('get_limit_sql', 'dbt')(sql, limit)) }}
{%- endmacro %}

{# On a line of its own: the statement may end in a line comment. #}
{% macro default__get_limit_sql(sql, limit) -%}
  {{ sql }}
  {{ 'limit ' ~ limit if limit is not none }}
{%- endmacro %}
