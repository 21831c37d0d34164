{{ config(materialized='view', access='private') }}

select
    items.order_item_id,
    items.ordered_on,
    items.store_id,
    items.category,
    items.line_total_eur as revenue,
    items.line_cost_eur as cost_of_goods
from {{ ref('fct_order_items') }} as items
inner join {{ ref('fct_orders') }} as orders on orders.order_id = items.order_id
where orders.status not in ('cancelled', 'returned')
