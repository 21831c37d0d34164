{%- set categories = ['tea', 'coffee', 'teaware', 'pantry', 'gifts'] -%}

select
    dates.month_start,
    stores.store_id,
    stores.store_name,
    {{ sums_by_value('lines.category', categories, 'lines.revenue', prefix='revenue_') }},
    cast(sum(lines.revenue) as decimal(18, 2)) as revenue
from {{ ref('revenue_lines') }} as lines
inner join {{ ref('dim_dates') }} as dates on dates.date_day = lines.ordered_on
inner join {{ ref('dim_stores') }} as stores on stores.store_id = lines.store_id
group by dates.month_start, stores.store_id, stores.store_name
