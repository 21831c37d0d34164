{# How tests are run: data tests as one row with their count and verdicts, unit tests as actual and expected rows. #}

{% macro get_where_subquery(relation) -%}
  {{ return(adapter.dispatch('get_where_subquery', 'dbt')(relation)) }}
{%- endmacro %}

{# The tested relation, restricted by the test's `where` config. #}
{% macro default__get_where_subquery(relation) -%}
  {%- set where = config.get('where', '') -%}
  {{ return('(select * from ' ~ relation ~ ' where ' ~ where ~ ') dbt_subquery' if where else relation) }}
{%- endmacro %}

{% macro get_test_sql(main_sql, fail_calc, warn_if, error_if, limit) -%}
  {{ return(adapter.dispatch('get_test_sql', 'dbt')(main_sql, fail_calc, warn_if, error_if, limit)) }}
{%- endmacro %}

{% macro default__get_test_sql(main_sql, fail_calc, warn_if, error_if, limit) -%}
  select
    {{ fail_calc }} as failures,
    {{ fail_calc }} {{ warn_if }} as should_warn,
    {{ fail_calc }} {{ error_if }} as should_error
  from (
    {{ main_sql }}
    {{ 'limit ' ~ limit if limit is not none }}
  ) dbt_internal_test
{%- endmacro %}

{% macro get_unit_test_sql(main_sql, expected_fixture_sql, expected_column_names) -%}
  {{ return(adapter.dispatch('get_unit_test_sql', 'dbt')(main_sql, expected_fixture_sql, expected_column_names)) }}
{%- endmacro %}

{% macro default__get_unit_test_sql(main_sql, expected_fixture_sql, expected_column_names) -%}
  {%- set columns = expected_column_names | join(', ') -%}
  {%- set side = adapter.quote('actual_or_expected') -%}
-- Build actual result given inputs
with dbt_internal_unit_test_actual as (
  select
    {{ columns }}, {{ dbt.string_literal('actual') }} as {{ side }}
  from (
    {{ main_sql }}
  ) _dbt_internal_unit_test_actual
),
-- Build expected result
dbt_internal_unit_test_expected as (
  select
    {{ columns }}, {{ dbt.string_literal('expected') }} as {{ side }}
  from (
    {{ expected_fixture_sql }}
  ) _dbt_internal_unit_test_expected
)
-- Union actual and expected results
select * from dbt_internal_unit_test_actual
union all
select * from dbt_internal_unit_test_expected
{%- endmacro %}

{# The rows of a `given`, each with every column of the relation it stands for; columns that a row leaves out are null. #}
{% macro get_fixture_sql(rows, column_name_to_data_types) %}
-- Fixture for {{ model.name }}
  {%- set types, quoted = column_name_to_data_types, {} -%}
  {%- if not types -%}
    {%- set types = {} -%}
    {%- for column in adapter.get_columns_in_relation(defer_relation if defer_relation and not load_relation(this) else this) -%}
      {%- do types.update({column.name | lower: column.data_type}) -%}
      {%- do quoted.update({column.name | lower: column.quoted}) -%}
    {%- endfor -%}
  {%- endif -%}
  {%- if not types -%}
    {%- do exceptions.raise_compiler_error(
      "Not able to get columns for unit test '" ~ model.name ~ "' from relation " ~ this ~ " because the relation doesn't exist"
    ) -%}
  {%- endif -%}
  {%- set nulls = {} -%}
  {%- for name, type in types.items() -%}
    {%- do nulls.update({name: safe_cast('null', type) | trim}) -%}
  {%- endfor -%}
  {{ validate_fixture_rows(rows, row_number) }}
  {%- for row in rows %}
{{ dml_select_row(dict(nulls, **format_row(row, types)), quoted) }}
{{ 'union all' if not loop.last }}
  {%- else %}
{{ dml_select_row(nulls, quoted) }}
limit 0
  {%- endfor -%}
{% endmacro %}

{% macro dml_select_row(row, quoted) -%}
select
  {%- for name, value in row.items() %} {{ value }} as {{ quoted[name] or adapter.quote(name) }}{{ ',' if not loop.last }}{% endfor %}
{%- endmacro %}

{% macro get_expected_sql(rows, column_name_to_data_types, column_name_to_quoted) %}
  {%- for row in rows %}
{{ dml_select_row(format_row(row, column_name_to_data_types), column_name_to_quoted) }}
{{ 'union all' if not loop.last }}
  {%- else -%}
select * from dbt_internal_unit_test_actual
limit 0
  {%- endfor -%}
{% endmacro %}

{# One row's values as SQL of the columns' types. Keys come back in lower case. #}
{% macro format_row(row, column_name_to_data_types) -%}
  {%- set formatted = {} -%}
  {%- for key, value in row.items() -%}
    {%- set name = key | lower -%}
    {%- if name not in column_name_to_data_types -%}
      {%- set fixture = 'expected output' if model.resource_type == 'unit_test' else "'" ~ model.name ~ "'" -%}
      {%- do exceptions.raise_compiler_error(
        "Invalid column name: '" ~ name ~ "' in unit test fixture for " ~ fixture ~ '.\nAccepted columns for ' ~ fixture ~ ' are: '
        ~ (column_name_to_data_types.keys() | list)
      ) -%}
    {%- endif -%}
    {%- set type = column_name_to_data_types[name] -%}
    {#- A size would cut the text of the fixture silently. -#}
    {%- if value is string and 'varying' in type -%}
      {%- set type = type.split('(')[0] -%}
    {%- endif -%}
    {%- if value is none -%}
      {%- set value = 'null' -%}
    {%- elif value is string -%}
      {%- set value = dbt.string_literal(dbt.escape_single_quotes(value)) -%}
    {%- endif -%}
    {%- do formatted.update({name: safe_cast(value, type)}) -%}
  {%- endfor -%}
  {{ return(formatted) }}
{%- endmacro %}

{% macro validate_fixture_rows(rows, row_number) -%}
  {{ return(adapter.dispatch('validate_fixture_rows', 'dbt')(rows, row_number)) }}
{%- endmacro %}

{% macro default__validate_fixture_rows(rows, row_number) -%}
{%- endmacro %}
