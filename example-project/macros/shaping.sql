{# The newest row of each key, as a query. `key` is a column or a list of columns; ties fall to `order_by`'s last term. #}
{% macro newest_rows(relation, key, order_by) %}
{%- set keys = [key] if key is string else key -%}
select *
from (
    select
        rows_of.*,
        row_number() over (partition by {{ keys | join(', ') }} order by {{ order_by }}) as newest_first
    from {{ relation }} as rows_of
) as numbered
where newest_first = 1
{%- endmacro %}


{# One sum per value: `sum(case when column = 'x' then amount ... end) as prefix_x`, with commas between. #}
{% macro sums_by_value(column, values, amount, prefix='') -%}
    {%- for value in values %}
    cast(sum(case when {{ column }} = '{{ value }}' then {{ amount }} else 0 end) as decimal(18, 2)) as {{ prefix }}{{ value | lower | replace(' ', '_') }}
    {%- if not loop.last %},{% endif %}
    {%- endfor %}
{%- endmacro %}


{#
  The distinct values of a column, sorted, read from the database while the model is compiled.
  While the project is parsed, and as long as the relation does not exist or is empty, it is `default`.
#}
{% macro values_of(relation, column, default=[]) %}
    {%- if not execute -%}
        {{ return(default) }}
    {%- endif -%}
    {%- if load_relation(relation) is none -%}
        {{ return(default) }}
    {%- endif -%}
    {%- set found = run_query('select distinct ' ~ column ~ ' from ' ~ relation ~ ' where ' ~ column ~ ' is not null order by 1') -%}
    {{ return(found.columns[0].values() | list or default) }}
{% endmacro %}
