{# Generic tests of one number for a table or for each group: a failing row is a group with what was measured. Nothing to measure fails. #}

{#
The groups whose measure is outside of its bounds, or which has none: no rows, or nulls alone. `group_by` is a column or a list of them; `measure` is an
aggregate. With `finite`, what came of a division by zero is out of every range: not a number, or one without end.
#}
{% macro dml_measure_between(test, model, measure, min_value, max_value, inclusive=true, group_by=none, row_condition=none, finite=false) -%}
{%- set groups = dml_list(group_by) -%}
{%- set outside = dml_outside(test, 'measured', min_value, max_value, inclusive) -%}
{%- if finite -%}
  {%- set outside = '(' ~ outside ~ ' or ' ~ dml_is_no_number('measured', endless=true) ~ ')' -%}
{%- endif -%}
{%- set nothing = ['null'] * (groups | length + 1) -%}
with measured_groups as (

    select
        {% for name in groups %}{{ name }}, {% endfor -%}
        {{ measure }} as measured
    from {{ dml_rows(model, row_condition) }}
    {%- if groups %}
    group by {{ groups | join(', ') }}
    {%- endif %}

),

all_groups as (

    select {{ (groups + ['measured']) | join(', ') }} from measured_groups
    {%- if groups %}
    union all
    select {{ nothing | join(', ') }} where not exists (select 1 from measured_groups)
    {%- endif %}

)

select
    *,
    case when measured is null then 'nothing to measure' else 'out of range' end as problem
from all_groups
where measured is null or {{ outside }}
{%- endmacro %}

{% test row_count_between(model, min_value=none, max_value=none, inclusive=true, group_by=none, row_condition=none) %}
{{ dml_measure_between('row_count_between', model, 'count(*)', min_value, max_value, inclusive, group_by, row_condition) }}
{% endtest %}

{% test distinct_count_between(model, column_name, min_value=none, max_value=none, inclusive=true, group_by=none, row_condition=none) %}
{%- set measure = 'case when count(' ~ column_name ~ ') > 0 then count(distinct ' ~ column_name ~ ') end' -%}
{{ dml_measure_between('distinct_count_between', model, measure, min_value, max_value, inclusive, group_by, row_condition) }}
{% endtest %}

{# The distinct values as a part of the values that are not null. #}
{% test distinct_proportion_between(model, column_name, min_value=none, max_value=none, inclusive=true, group_by=none, row_condition=none) %}
{%- set measure = '1.0 * count(distinct ' ~ column_name ~ ') / nullif(count(' ~ column_name ~ '), 0)' -%}
{{ dml_measure_between('distinct_proportion_between', model, measure, min_value, max_value, inclusive, group_by, row_condition) }}
{% endtest %}

{# The nulls as a part of the rows. #}
{% test null_proportion_between(model, column_name, min_value=none, max_value=none, inclusive=true, group_by=none, row_condition=none) %}
{%- set measure = '1.0 * (count(*) - count(' ~ column_name ~ ')) / nullif(count(*), 0)' -%}
{{ dml_measure_between('null_proportion_between', model, measure, min_value, max_value, inclusive, group_by, row_condition) }}
{% endtest %}

{# The rows that are not null as a part of all rows. #}
{% test not_null_proportion_between(model, column_name, min_value=none, max_value=none, inclusive=true, group_by=none, row_condition=none) %}
{%- set measure = '1.0 * count(' ~ column_name ~ ') / nullif(count(*), 0)' -%}
{{ dml_measure_between('not_null_proportion_between', model, measure, min_value, max_value, inclusive, group_by, row_condition) }}
{% endtest %}

{% test sum_between(model, column_name, min_value=none, max_value=none, inclusive=true, group_by=none, row_condition=none) %}
{{ dml_measure_between('sum_between', model, 'sum(' ~ column_name ~ ')', min_value, max_value, inclusive, group_by, row_condition, finite=true) }}
{% endtest %}

{% test mean_between(model, column_name, min_value=none, max_value=none, inclusive=true, group_by=none, row_condition=none) %}
{{ dml_measure_between('mean_between', model, 'avg(' ~ column_name ~ ')', min_value, max_value, inclusive, group_by, row_condition, finite=true) }}
{% endtest %}

{% test minimum_between(model, column_name, min_value=none, max_value=none, inclusive=true, group_by=none, row_condition=none) %}
{{ dml_measure_between('minimum_between', model, 'min(' ~ column_name ~ ')', min_value, max_value, inclusive, group_by, row_condition, finite=true) }}
{% endtest %}

{% test maximum_between(model, column_name, min_value=none, max_value=none, inclusive=true, group_by=none, row_condition=none) %}
{{ dml_measure_between('maximum_between', model, 'max(' ~ column_name ~ ')', min_value, max_value, inclusive, group_by, row_condition, finite=true) }}
{% endtest %}

{# The standard deviation of a sample; one value alone has none. #}
{% test stddev_between(model, column_name, min_value=none, max_value=none, inclusive=true, group_by=none, row_condition=none) %}
{{ dml_measure_between('stddev_between', model, 'stddev_samp(' ~ column_name ~ ')', min_value, max_value, inclusive, group_by, row_condition, finite=true) }}
{% endtest %}

{# Interpolated between the two nearest values, as the median is. #}
{% test quantile_between(model, column_name, quantile, min_value=none, max_value=none, inclusive=true, group_by=none, row_condition=none) %}
{%- if quantile is not number or quantile < 0 or quantile > 1 -%}
  {%- do exceptions.raise_compiler_error('quantile_between: quantile is a number from 0 to 1, not ' ~ quantile) -%}
{%- endif -%}
{%- set measure = 'percentile_cont(' ~ quantile ~ ') within group (order by ' ~ column_name ~ ')' -%}
{{ dml_measure_between('quantile_between', model, measure, min_value, max_value, inclusive, group_by, row_condition, finite=true) }}
{% endtest %}

{% test median_between(model, column_name, min_value=none, max_value=none, inclusive=true, group_by=none, row_condition=none) %}
{%- set measure = 'percentile_cont(0.5) within group (order by ' ~ column_name ~ ')' -%}
{{ dml_measure_between('median_between', model, measure, min_value, max_value, inclusive, group_by, row_condition, finite=true) }}
{% endtest %}

{# The newest time must not be older than `interval` of `datepart`; no time at all is no recent one. #}
{% test recency(model, field, datepart, interval, group_by=none, row_condition=none) %}
{%- if interval is not number -%}
  {%- do exceptions.raise_compiler_error('recency: interval is a number, not ' ~ interval) -%}
{%- endif -%}
{%- set oldest = 'cast(' ~ dateadd(datepart, interval * -1, current_timestamp()) ~ ' as ' ~ (type_timestamp() | trim) ~ ')' -%}
{{ dml_measure_between('recency', model, 'max(' ~ field ~ ')', oldest, none, true, group_by, row_condition) }}
{% endtest %}

{# A table without rows. #}
{% test not_empty(model, row_condition=none) %}
select 'no rows' as problem
where not exists (select 1 from {{ dml_rows(model, row_condition) }})
{% endtest %}

{# A column that has fewer than two different values, in the whole table or in a group. #}
{% test not_constant(model, column_name, group_by=none, row_condition=none) %}
{{ dml_measure_between('not_constant', model, 'count(distinct ' ~ column_name ~ ')', 2, none, true, group_by, row_condition) }}
{% endtest %}

{# Values of the list that do not occur; no rows at all miss all of them. #}
{% test required_values(model, column_name, values, quote=true, row_condition=none) %}
with wanted as (
    {% for value in dml_needed_list('required_values', 'values', values) %}
    select {{ dml_text(value) if quote else value }} as value_field{{ ' union all' if not loop.last }}
    {%- endfor %}
)

select value_field
from wanted
where value_field not in (select {{ column_name }} from {{ dml_rows(model, row_condition) }} where {{ column_name }} is not null)
{% endtest %}

{# The values that occur most often must be in the list; of several, each. #}
{% test most_common_value_in(model, column_name, values, quote=true, row_condition=none) %}
{%- set literals = [] -%}
{%- for value in dml_needed_list('most_common_value_in', 'values', values) -%}
  {%- do literals.append(dml_text(value) if quote else value) -%}
{%- endfor -%}
with counted as (

    select {{ column_name }} as value_field, count(*) as n_records
    from {{ dml_rows(model, row_condition) }}
    where {{ column_name }} is not null
    group by {{ column_name }}

)

select value_field, n_records
from counted
where n_records = (select max(n_records) from counted)
    and value_field not in ({{ literals | join(', ') }})
union all
select null, 0
where not exists (select 1 from counted)
{% endtest %}
