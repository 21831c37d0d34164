-- What an order should bring in, in its own currency.
with lines as (
    select
        order_id,
        count(*) as lines,
        sum(quantity) as pieces,
        sum(line_total) as goods_total
    from {{ ref('int_order_items_priced') }}
    group by order_id
)

select
    orders.order_id,
    coalesce(lines.lines, 0) as lines,
    coalesce(lines.pieces, 0) as pieces,
    cast(coalesce(lines.goods_total, 0) as decimal(18, 2)) as goods_total,
    cast(coalesce(lines.goods_total, 0) - orders.discount + orders.shipping as decimal(18, 2)) as order_total
from {{ ref('stg_orders') }} as orders
left join lines on lines.order_id = orders.order_id
