{# The generic tests. A test fails for every row that its query answers. #}

{% test unique(model, column_name) %}
    {% set tested = adapter.dispatch('test_unique', 'dbt') %}
    {{ tested(model, column_name) }}
{% endtest %}

{% macro default__test_unique(model, column_name) %}

select
    {{ column_name }} as unique_field,
    count(*) as n_records

from {{ model }}
where {{ column_name }} is not null
group by {{ column_name }}
having count(*) > 1

{% endmacro %}

{% test not_null(model, column_name) %}
    {% set tested = adapter.dispatch('test_not_null', 'dbt') %}
    {{ tested(model, column_name) }}
{% endtest %}

{# Whole rows where they are kept: a column of nulls would say nothing. #}
{% macro default__test_not_null(model, column_name) %}



select {{ '*' if should_store_failures() else column_name }}
from {{ model }}
where {{ column_name }} is null

{% endmacro %}

{% test accepted_values(model, column_name, values, quote=True) %}
    {% set tested = adapter.dispatch('test_accepted_values', 'dbt') %}
    {{ tested(model, column_name, values, quote) }}
{% endtest %}

{% macro default__test_accepted_values(model, column_name, values, quote=True) %}

with all_values as (

    select
        {{ column_name }} as value_field,
        count(*) as n_records

    from {{ model }}
    group by {{ column_name }}

)

select *
from all_values
where value_field not in (
    {% for value in values -%}
        {{ "'" ~ value ~ "'" if quote else value }}{{ ',' if not loop.last }}
    {%- endfor %}
)

{% endmacro %}

{% test relationships(model, column_name, to, field) %}
    {% set tested = adapter.dispatch('test_relationships', 'dbt') %}
    {{ tested(model, column_name, to, field) }}
{% endtest %}

{% macro default__test_relationships(model, column_name, to, field) %}

with child as (
    select {{ column_name }} as from_field
    from {{ model }}
    where {{ column_name }} is not null
),

parent as (
    select {{ field }} as to_field
    from {{ to }}
)

select
    from_field

from child
left join parent
    on child.from_field = parent.to_field

where parent.to_field is null

{% endmacro %}

{# dml's own: values outside of a range. A bound may be any SQL expression; nulls pass. #}
{% test accepted_range(model, column_name, min_value=none, max_value=none, inclusive=true) %}
  {{ return(adapter.dispatch('test_accepted_range', 'dbt')(model, column_name, min_value, max_value, inclusive)) }}
{% endtest %}

{% macro default__test_accepted_range(model, column_name, min_value=none, max_value=none, inclusive=true) %}
select *
from {{ model }}
where {{ dml_outside('accepted_range', column_name, min_value, max_value, inclusive, nan=true) }}
{% endmacro %}
