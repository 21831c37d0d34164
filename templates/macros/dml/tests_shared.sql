{# What the generic tests of dml share: rows, literals, groups, bounds, and the words that engines spell differently. #}

{# The rows that a test looks at, as something to select from. `row_condition` is SQL; none is all rows. #}
{% macro dml_rows(model, row_condition=none) -%}
  {%- if row_condition is none -%}
    {{ model }}
  {%- else -%}
    (select * from {{ model }} where ({{ row_condition }})) dml_rows
  {%- endif -%}
{%- endmacro %}

{# A text of YAML as SQL. #}
{% macro dml_text(value) -%}
  '{{ (value | string).replace("'", "''") }}'
{%- endmacro %}

{# One text, a list of texts or nothing, as a list. #}
{% macro dml_list(value) %}
  {{ return([] if value is none else ([value] if value is string or value is number else value)) }}
{% endmacro %}

{# A list that may not be empty. #}
{% macro dml_needed_list(test, argument, value) %}
  {%- set values = dml_list(value) -%}
  {%- if not values or values is mapping -%}
    {%- do exceptions.raise_compiler_error(test ~ ' needs ' ~ argument ~ ', a list that is not empty') -%}
  {%- endif -%}
  {{ return(values) }}
{% endmacro %}

{# One word of a few. #}
{% macro dml_one_of(test, argument, value, words) %}
  {%- if value not in words -%}
    {%- do exceptions.raise_compiler_error(test ~ ': ' ~ argument ~ ' is one of ' ~ (words | join(', ')) ~ ', not ' ~ value) -%}
  {%- endif -%}
{% endmacro %}

{#
The condition that a value is outside of its bounds. A bound may be any SQL expression. With `nan`, so is a value that is no number: engines take it for greater
than all others, so that only a lower bound would let it pass.
#}
{% macro dml_outside(test, value, min_value, max_value, inclusive=true, nan=false) %}
  {%- if min_value is none and max_value is none -%}
    {%- do exceptions.raise_compiler_error(test ~ ' needs min_value, max_value or both') -%}
  {%- endif -%}
  {%- set outside = [] -%}
  {%- if min_value is not none -%}
    {%- do outside.append(value ~ (' < ' if inclusive else ' <= ') ~ '(' ~ min_value ~ ')') -%}
  {%- endif -%}
  {%- if max_value is not none -%}
    {%- do outside.append(value ~ (' > ' if inclusive else ' >= ') ~ '(' ~ max_value ~ ')') -%}
  {%- endif -%}
  {%- if nan and max_value is none -%}
    {%- do outside.append(dml_is_no_number(value)) -%}
  {%- endif -%}
  {{ return('(' ~ (outside | join(' or ')) ~ ')') }}
{% endmacro %}

{# Whether a value of any type is a number that is none (NaN) or, with `endless`, one without end. A text that says so is a text. #}
{% macro dml_is_no_number(expression, endless=false) -%}
  {{ return(adapter.dispatch('dml_is_no_number', 'dbt')(expression, endless)) }}
{%- endmacro %}

{# For a column of another type DuckDB knows the answer before it reads a row, and for a table whose greatest value is a number too. #}
{% macro default__dml_is_no_number(expression, endless) -%}
  {%- set number = 'try_cast(' ~ expression ~ ' as double)' -%}
  (typeof({{ expression }}) in ('FLOAT', 'DOUBLE') and {{ 'not isfinite(' ~ number ~ ')' if endless else number ~ " > cast('Infinity' as double)" }})
{%- endmacro %}

{% macro postgres__dml_is_no_number(expression, endless) -%}
  (pg_typeof({{ expression }}) in (cast('real' as regtype), cast('double precision' as regtype), cast('numeric' as regtype))
    and {{ dml_as_text(expression) }} in ('NaN'{{ ", 'Infinity', '-Infinity'" if endless }}))
{%- endmacro %}

{# A value as text. #}
{% macro dml_as_text(expression) -%}
  cast({{ expression }} as {{ type_string() | trim }})
{%- endmacro %}

{# Whether a text has a match of a regular expression in it. #}
{% macro dml_regex_match(expression, regex, ignore_case=false) -%}
  {{ return(adapter.dispatch('dml_regex_match', 'dbt')(expression, regex, ignore_case)) }}
{%- endmacro %}

{% macro default__dml_regex_match(expression, regex, ignore_case) -%}
  regexp_matches({{ dml_as_text(expression) }}, {{ dml_text(regex) }}{{ ", 'i'" if ignore_case }})
{%- endmacro %}

{% macro postgres__dml_regex_match(expression, regex, ignore_case) -%}
  {{ dml_as_text(expression) }} {{ '~*' if ignore_case else '~' }} {{ dml_text(regex) }}
{%- endmacro %}

{# The part of a text that a group of a regular expression matched, as a whole number. #}
{% macro dml_regex_number(expression, regex, group) -%}
  {{ return(adapter.dispatch('dml_regex_number', 'dbt')(expression, regex, group)) }}
{%- endmacro %}

{% macro default__dml_regex_number(expression, regex, group) -%}
  try_cast(regexp_extract({{ dml_as_text(expression) }}, {{ dml_text(regex) }}, {{ group }}) as integer)
{%- endmacro %}

{% macro postgres__dml_regex_number(expression, regex, group) -%}
  cast((regexp_match({{ dml_as_text(expression) }}, {{ dml_text(regex) }}))[{{ group }}] as integer)
{%- endmacro %}

{# Whether a text is JSON. #}
{% macro dml_is_json(expression) -%}
  {{ return(adapter.dispatch('dml_is_json', 'dbt')(expression)) }}
{%- endmacro %}

{% macro default__dml_is_json(expression) -%}
  json_valid({{ dml_as_text(expression) }})
{%- endmacro %}

{# PostgreSQL 16 and later. #}
{% macro postgres__dml_is_json(expression) -%}
  ({{ dml_as_text(expression) }} is json)
{%- endmacro %}

{# The type of a key of a JSON object: string, number, boolean, array, object or null; NULL where there is no such key. #}
{% macro dml_json_type(expression, key) -%}
  {{ return(adapter.dispatch('dml_json_type', 'dbt')(expression, key)) }}
{%- endmacro %}

{% macro default__dml_json_type(expression, key) -%}
  {%- set path = '$."' ~ key ~ '"' -%}
  case json_type({{ dml_as_text(expression) }}, {{ dml_text(path) }})
    when 'VARCHAR' then 'string'
    when 'BOOLEAN' then 'boolean'
    when 'ARRAY' then 'array'
    when 'OBJECT' then 'object'
    when 'NULL' then 'null'
    when 'BIGINT' then 'number'
    when 'UBIGINT' then 'number'
    when 'HUGEINT' then 'number'
    when 'DOUBLE' then 'number'
  end
{%- endmacro %}

{% macro postgres__dml_json_type(expression, key) -%}
  jsonb_typeof(cast({{ dml_as_text(expression) }} as jsonb) -> {{ dml_text(key) }})
{%- endmacro %}

{# What is said of a column that is not among those there are. #}
{% macro dml_no_column(name, known) %}
  {%- set near = exceptions.dml_closest(name, known) -%}
  {{ return('there is no column ' ~ name ~ '; ' ~ ('did you mean ' ~ near ~ '?' if near else 'there are ' ~ (known | join(', ')))) }}
{% endmacro %}

{# The columns of what a test looks at, in order. They are read from the query, so that `where` does not matter. #}
{% macro dml_tested_columns(model) %}
  {{ return(get_column_schema_from_query('select * from ' ~ model) if execute else []) }}
{% endmacro %}
