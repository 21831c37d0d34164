{# User-defined functions of DuckDB: macros. They have no types of arguments, so what they answer is cast; and no volatility, since they are put
   into the query that calls them. #}

{% macro duckdb__scalar_function_sql(target_relation) %}
  CREATE OR REPLACE MACRO {{ target_relation.render() }} ({{ formatted_scalar_function_args_sql() | trim }})
  AS CAST((
    {{ model.compiled_code | trim }}
  ) AS {{ model.returns.data_type }});
{% endmacro %}

{# The body is an expression with an aggregate in it, not a query: `sum(amount) / count(*)`. #}
{% macro duckdb__aggregate_function_sql(target_relation) %}
  CREATE OR REPLACE MACRO {{ target_relation.render() }} ({{ formatted_scalar_function_args_sql() | trim }})
  AS CAST((
    {{ model.compiled_code | trim }}
  ) AS {{ model.returns.data_type }});
{% endmacro %}

{% macro duckdb__formatted_scalar_function_args_sql() %}
  {%- set arguments = [] -%}
  {%- for argument in model.arguments -%}
    {%- set default = argument.get('default_value') -%}
    {%- do arguments.append(argument.name ~ (' := ' ~ default if default is not none else '')) -%}
  {%- endfor -%}
  {{ arguments | join(', ') }}
{% endmacro %}
