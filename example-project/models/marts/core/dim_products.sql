with sold as (
    select
        sku,
        sum(quantity) as pieces_sold,
        max(ordered_on) as last_sold_on
    from {{ ref('int_order_items_priced') }}
    group by sku
)

select
    products.sku,
    products.product_name,
    products.category,
    products.list_price,
    products.unit_cost,
    cast(products.list_price - products.unit_cost as decimal(18, 2)) as unit_margin,
    products.is_active,
    products.launched_on,
    cast(coalesce(sold.pieces_sold, 0) as integer) as pieces_sold,
    sold.last_sold_on
from {{ ref('stg_products') }} as products
left join sold on sold.sku = products.sku
