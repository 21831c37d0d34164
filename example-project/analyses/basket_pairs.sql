-- Articles that are bought together.
select
    one.sku as sku,
    other.sku as bought_with,
    count(*) as baskets
from {{ ref('fct_order_items') }} as one
inner join {{ ref('fct_order_items') }} as other
    on other.order_id = one.order_id
    and other.sku > one.sku
group by one.sku, other.sku
having count(*) >= 5
order by baskets desc, sku, bought_with
