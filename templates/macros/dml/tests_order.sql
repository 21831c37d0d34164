{# Generic tests of rows in relation to other rows of the same table: keys, order, ranges. #}

{# Combinations of values that occur more than once. A null is a value like any other unless nulls are ignored. #}
{% test unique_combination(model, columns, ignore_nulls=false, row_condition=none) %}
{%- set names = dml_needed_list('unique_combination', 'columns', columns) -%}
select
    {% for name in names %}{{ name }}, {% endfor -%}
    count(*) as n_records
from {{ dml_rows(model, row_condition) }}
{%- if ignore_nulls %}
where {{ names | join(' is not null and ') }} is not null
{%- endif %}
group by {{ names | join(', ') }}
having count(*) > 1
{% endtest %}

{# Values that do not follow the one before by `interval`, of `datepart` for times. A null has no place in the order and is left out. #}
{% test sequential_values(model, column_name, interval=1, datepart=none, group_by=none, row_condition=none) %}
{%- set groups = dml_list(group_by) -%}
with ordered as (

    select
        {% for name in groups %}{{ name }}, {% endfor -%}
        {{ column_name }} as value_field,
        lag({{ column_name }}) over ({{ 'partition by ' ~ (groups | join(', ')) if groups }} order by {{ column_name }}) as previous_value
    from {{ dml_rows(model, row_condition) }}
    where {{ column_name }} is not null

)

select *
from ordered
where {{ dml_is_no_number('value_field') }}
    {%- if datepart is none %}
    or value_field <> previous_value + {{ interval }}
    {%- else %}
    or cast(value_field as {{ type_timestamp() | trim }}) <> cast({{ dateadd(datepart, interval, 'previous_value') }} as {{ type_timestamp() | trim }})
    {%- endif %}
{% endtest %}

{# Values that go the wrong way from the row before, in the order of `order_by`. Rows with a null in the column are left out. #}
{% test monotonic(model, column_name, order_by, direction='increasing', strict=false, group_by=none, row_condition=none) %}
{%- do dml_one_of('monotonic', 'direction', direction, ['increasing', 'decreasing']) -%}
{%- set groups = dml_list(group_by) -%}
{%- set wrong = '<' if direction == 'increasing' else '>' -%}
with ordered as (

    select
        {% for name in groups %}{{ name }}, {% endfor -%}
        {{ column_name }} as value_field,
        lag({{ column_name }}) over (
            {{ 'partition by ' ~ (groups | join(', ')) if groups }} order by {{ dml_needed_list('monotonic', 'order_by', order_by) | join(', ') }}
        ) as previous_value
    from {{ dml_rows(model, row_condition) }}
    where {{ column_name }} is not null

)

select *
from ordered
where value_field {{ wrong }}{{ '=' if strict }} previous_value
    or {{ dml_is_no_number('value_field') }}
{% endtest %}

{#
Ranges that overlap the next one of their group or, as `gaps` says, leave a gap to it (`not_allowed`) or touch it (`required`). A range that ends before it
begins fails, one without length only if those are not allowed; a null bound fails.
#}
{% test mutually_exclusive_ranges(
    model, lower_bound_column, upper_bound_column,
    group_by=none, gaps='allowed', zero_length_range_allowed=false, row_condition=none
) %}
{%- do dml_one_of('mutually_exclusive_ranges', 'gaps', gaps, ['allowed', 'not_allowed', 'required']) -%}
{%- set groups = dml_list(group_by) -%}
{%- set meets = {'allowed': '<=', 'not_allowed': '=', 'required': '<'}[gaps] -%}
with ranges as (

    select
        {% for name in groups %}{{ name }}, {% endfor -%}
        {{ lower_bound_column }} as lower_bound,
        {{ upper_bound_column }} as upper_bound,
        lead({{ lower_bound_column }}) over (
            {{ 'partition by ' ~ (groups | join(', ')) if groups }} order by {{ lower_bound_column }}, {{ upper_bound_column }}
        ) as next_lower_bound
    from {{ dml_rows(model, row_condition) }}

)

select *
from ranges
where lower_bound is null
    or upper_bound is null
    or {{ dml_is_no_number('lower_bound') }}
    or {{ dml_is_no_number('upper_bound') }}
    or lower_bound >{{ '' if zero_length_range_allowed else '=' }} upper_bound
    or (next_lower_bound is not null and not (upper_bound {{ meets }} next_lower_bound))
{% endtest %}

{# Periods without a row between the first and the last: of each pair of periods with a gap, the later one fails. Rows without a time are left out. #}
{% test no_date_gaps(model, field, datepart='day', interval=1, group_by=none, row_condition=none) %}
{%- set groups = dml_list(group_by) -%}
with periods as (

    select distinct
        {% for name in groups %}{{ name }}, {% endfor -%}
        cast({{ date_trunc(datepart, field) }} as {{ type_timestamp() | trim }}) as period
    from {{ dml_rows(model, row_condition) }}
    where {{ field }} is not null

),

ordered as (

    select
        *,
        lag(period) over ({{ 'partition by ' ~ (groups | join(', ')) if groups }} order by period) as previous_period
    from periods

)

select *
from ordered
where period > cast({{ dateadd(datepart, interval, 'previous_period') }} as {{ type_timestamp() | trim }})
{% endtest %}

{# Values that differ only by case from another one of their column. #}
{% test consistent_casing(model, column_name, row_condition=none) %}
with spellings as (

    select distinct {{ column_name }} as value_field
    from {{ dml_rows(model, row_condition) }}
    where {{ column_name }} is not null

)

select value_field
from spellings
where lower(value_field) in (select lower(value_field) from spellings group by lower(value_field) having count(*) > 1)
{% endtest %}

{#
Values further from the mean of the `window` rows before them, in the order of `order_by`, than so many standard deviations of those. A row with fewer rows
before it has no verdict yet; before a row that differs, values that were all alike are no excuse.
#}
{% test accepted_moving_z_score(model, column_name, order_by, window=7, max_z=3, group_by=none, row_condition=none) %}
{%- if window is not number or window < 2 -%}
  {%- do exceptions.raise_compiler_error('accepted_moving_z_score: window is a number of rows, 2 or more, not ' ~ window) -%}
{%- endif -%}
{%- set order = dml_needed_list('accepted_moving_z_score', 'order_by', order_by) | join(', ') -%}
{%- set partition = 'partition by ' ~ (dml_list(group_by) | join(', ')) if group_by is not none else '' -%}
{%- set over = 'over (' ~ partition ~ ' order by ' ~ order ~ ' rows between ' ~ window ~ ' preceding and 1 preceding)' -%}
select *
from (
    select
        *,
        avg({{ column_name }}) {{ over }} as moving_mean,
        stddev_samp({{ column_name }}) {{ over }} as moving_stddev,
        count({{ column_name }}) {{ over }} as moving_count
    from {{ dml_rows(model, row_condition) }}
    where {{ column_name }} is not null
) scored
where (moving_count = {{ window }} and abs({{ column_name }} - moving_mean) > {{ max_z }} * moving_stddev)
    or {{ dml_is_no_number(column_name) }}
{% endtest %}
