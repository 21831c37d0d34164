select
    products.sku,
    products.product_name,
    count(case when events.event_type = 'product_view' then 1 end) as views,
    count(case when events.event_type = 'add_to_cart' then 1 end) as added_to_cart,
    products.pieces_sold
from {{ ref('dim_products') }} as products
left join {{ ref('fct_web_events') }} as events on events.sku = products.sku
group by products.sku, products.product_name, products.pieces_sold
