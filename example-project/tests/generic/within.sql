{# The rows whose value lies outside a range. Nulls pass; add not_null where they should not. #}
{% test within(model, column_name, min_value=none, max_value=none, inclusive=true) %}
{%- set or_equal = '=' if inclusive else '' %}

select *
from {{ model }}
where {{ column_name }} is not null
    and not (
        true
        {%- if min_value is not none %}
        and {{ column_name }} >{{ or_equal }} {{ min_value }}
        {%- endif %}
        {%- if max_value is not none %}
        and {{ column_name }} <{{ or_equal }} {{ max_value }}
        {%- endif %}
    )

{% endtest %}
