select
    dates.date_day,
    dates.is_weekend,
    count(lines.order_item_id) as lines_sold,
    cast(coalesce(sum(lines.revenue), 0) as decimal(18, 2)) as revenue,
    cast(coalesce(sum(lines.cost_of_goods), 0) as decimal(18, 2)) as cost_of_goods
from {{ ref('dim_dates') }} as dates
left join {{ ref('revenue_lines') }} as lines on lines.ordered_on = dates.date_day
group by dates.date_day, dates.is_weekend
