{# Cross-database expressions in Postgres' spelling. #}

{% macro postgres__any_value(expression) -%}
  min({{ expression }})
{%- endmacro %}

{% macro postgres__equals(expr1, expr2) -%}
  ({{ expr1 }} {{ 'IS NOT DISTINCT FROM' if adapter.behavior.enable_truthy_nulls_equals_macro.no_warn else '=' }} {{ expr2 }})
{%- endmacro %}

{% macro postgres__dateadd(datepart, interval, from_date_or_timestamp) -%}
  {{ from_date_or_timestamp }} + ((interval '1 {{ datepart }}') * ({{ interval }}))
{%- endmacro %}

{# Each part is counted from the next bigger one: the number of borders crossed, not of whole parts gone by. #}
{% macro postgres__datediff(first_date, second_date, datepart) -%}
  {%- if datepart == 'year' -%}
    {{ '(' ~ dml_part('year', second_date, 'date') ~ ' - ' ~ dml_part('year', first_date, 'date') ~ ')' }}
  {%- elif datepart in ['quarter', 'month'] -%}
    ({{ datediff(first_date, second_date, 'year') }} * {{ 4 if datepart == 'quarter' else 12 }} + {{ dml_part(datepart, second_date, 'date') }} - {{ dml_part(datepart, first_date, 'date') }})
  {%- elif datepart == 'day' -%}
    (({{ second_date }})::date - ({{ first_date }})::date)
  {%- elif datepart == 'week' -%}
    ({{ datediff(first_date, second_date, 'day') }} / 7 + case
      when {{ dml_part('dow', first_date, 'timestamp') }} <= {{ dml_part('dow', second_date, 'timestamp') }} then
        case when {{ first_date }} <= {{ second_date }} then 0 else -1 end
      else
        case when {{ first_date }} <= {{ second_date }} then 1 else 0 end
    end)
  {%- elif datepart in ['hour', 'minute'] -%}
    ({{ datediff(first_date, second_date, 'day' if datepart == 'hour' else 'hour') }} * {{ 24 if datepart == 'hour' else 60 }} + {{ dml_part(datepart, second_date, 'timestamp') }} - {{ dml_part(datepart, first_date, 'timestamp') }})
  {%- elif datepart in ['second', 'millisecond', 'microsecond'] -%}
    {%- set in_minute = {'second': 60, 'millisecond': 60000, 'microsecond': 60000000}[datepart] -%}
    ({{ datediff(first_date, second_date, 'minute') }} * {{ in_minute }} + floor({{ dml_part(datepart, second_date, 'timestamp') }}) - floor({{ dml_part(datepart, first_date, 'timestamp') }}))
  {%- else -%}
    {%- do exceptions.raise_compiler_error("Unsupported datepart for macro datediff in postgres: '" ~ datepart ~ "'") -%}
  {%- endif -%}
{%- endmacro %}

{% macro dml_part(part, time, type) -%}
  date_part('{{ part }}', ({{ time }})::{{ type }})
{%- endmacro %}

{# Intervals know no quarters. #}
{% macro postgres__last_day(date, datepart) -%}
  {%- if datepart == 'quarter' -%}
    cast(
      {{ dbt.dateadd('day', '-1', dbt.dateadd('month', '3', dbt.date_trunc(datepart, date))) }}
    as date)
  {%- else -%}
    {{ dbt.default_last_day(date, datepart) }}
  {%- endif -%}
{%- endmacro %}

{% macro postgres__listagg(measure, delimiter_text, order_by_clause, limit_num) -%}
  {%- if limit_num -%}
    array_to_string(
      (array_agg(
        {{ measure }}
        {{ order_by_clause or '' }}
      ))[1:{{ limit_num }}],
      {{ delimiter_text }}
    )
  {%- else -%}
    string_agg(
      {{ measure }},
      {{ delimiter_text }}
      {{ order_by_clause or '' }}
    )
  {%- endif -%}
{%- endmacro %}

{% macro postgres__split_part(string_text, delimiter_text, part_number) -%}
  {{ return((dbt.default__split_part if part_number >= 0 else dbt._split_part_negative)(string_text, delimiter_text, part_number)) }}
{%- endmacro %}
