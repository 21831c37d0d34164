{%- set steps = ['page_view', 'product_view', 'add_to_cart', 'checkout', 'purchase'] -%}

select
    occurred_on,
    {%- for step in steps %}
    count(distinct case when event_type = '{{ step }}' then visitor_id end) as visitors_{{ step }},
    {%- endfor %}
    count(*) as events
from {{ ref('fct_web_events') }}
group by occurred_on
