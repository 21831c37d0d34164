-- Lines with what they cost the shop. Lines whose order has not arrived are left out.
select
    items.order_item_id,
    items.order_id,
    orders.ordered_on,
    orders.store_id,
    items.sku,
    products.category,
    items.quantity,
    orders.currency,
    items.unit_price,
    cast(items.quantity * items.unit_price as decimal(18, 2)) as line_total,
    products.list_price,
    cast(items.quantity * products.unit_cost as decimal(18, 2)) as line_cost_eur
from {{ ref('stg_order_items') }} as items
inner join {{ ref('stg_orders') }} as orders on orders.order_id = items.order_id
left join {{ ref('stg_products') }} as products on products.sku = items.sku
