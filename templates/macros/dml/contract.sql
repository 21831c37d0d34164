{# Contracts: the columns that the project promises, compared with those the SQL gives, and their constraints. #}

{% macro get_table_columns_and_constraints() -%}
  {{ return(adapter.dispatch('get_table_columns_and_constraints', 'dbt')()) }}
{%- endmacro %}

{% macro default__get_table_columns_and_constraints() -%}
  {{ return(table_columns_and_constraints()) }}
{%- endmacro %}

{% macro table_columns_and_constraints() %}
  {%- set columns = adapter.render_raw_columns_constraints(raw_columns=model['columns']) -%}
  {%- set table = adapter.render_raw_model_constraints(raw_constraints=model['constraints']) -%}
  (
    {{ (columns + table) | join(',\n    ') }}
  )
{% endmacro %}

{% macro get_assert_columns_equivalent(sql) -%}
  {{ return(adapter.dispatch('get_assert_columns_equivalent', 'dbt')(sql)) }}
{%- endmacro %}

{% macro default__get_assert_columns_equivalent(sql) -%}
  {{ return(assert_columns_equivalent(sql)) }}
{%- endmacro %}

{# Raises where the promised columns and the SQL's differ in number, name or type; their order is free. #}
{% macro assert_columns_equivalent(sql) %}
  {%- set promised = model['columns'] -%}
  {%- if not promised -%}
    {%- do exceptions.raise_contract_error([], []) -%}
  {%- endif -%}
  {%- set actual = format_columns(get_column_schema_from_query(sql, config.get('sql_header', none))) -%}
  {%- set wanted = format_columns(get_column_schema_from_query(get_empty_schema_sql(promised))) -%}
  {%- set by_name = {} -%}
  {%- for column in wanted if column['name'] not in by_name -%}
    {%- do by_name.update({column['name']: column['formatted']}) -%}
  {%- endfor -%}
  {%- if actual | length != wanted | length -%}
    {%- do exceptions.raise_contract_error(wanted, actual) -%}
  {%- endif -%}
  {%- for column in actual if by_name.get(column['name']) != column['formatted'] -%}
    {%- do exceptions.raise_contract_error(wanted, actual) -%}
  {%- endfor -%}
{% endmacro %}

{% macro format_columns(columns) %}
  {%- set formatted = [] -%}
  {%- for column in columns -%}
    {%- do formatted.append(adapter.dispatch('format_column', 'dbt')(column)) -%}
  {%- endfor -%}
  {{ return(formatted) }}
{% endmacro %}

{% macro default__format_column(column) -%}
  {{ return({'name': column.name, 'data_type': column.dtype, 'formatted': column.column.lower() ~ ' ' ~ column.dtype}) }}
{%- endmacro %}

{# The promised columns, quoted where the project says so. Adapters and packages override get_column_names. #}
{% macro default__get_column_names() %}
  {%- set names = [] -%}
  {%- for column in model['columns'].values() -%}
    {%- do names.append(adapter.quote(column['name']) if column.get('quote') else column['name']) -%}
  {%- endfor -%}
  {{ names | join(', ') }}
{% endmacro %}

{% macro get_select_subquery(sql) -%}
  {{ return(adapter.dispatch('get_select_subquery', 'dbt')(sql)) }}
{%- endmacro %}

{# The SQL's columns in the order of the contract. #}
{% macro default__get_select_subquery(sql) %}
  select {{ adapter.dispatch('get_column_names', 'dbt')() }}
  from (
    {{ sql }}
  ) as model_subq
{%- endmacro %}
