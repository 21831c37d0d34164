{# The days after which the next day is missing, the last one apart. #}
{% test no_gaps(model, column_name) %}
{{ config(severity='error') }}

select days.{{ column_name }} as last_day_before_gap
from (select distinct {{ column_name }} from {{ model }}) as days
left join (select distinct {{ column_name }} from {{ model }}) as following
    on following.{{ column_name }} = days.{{ column_name }} + interval '1 day'
where following.{{ column_name }} is null
    and days.{{ column_name }} < (select max({{ column_name }}) from {{ model }})

{% endtest %}
