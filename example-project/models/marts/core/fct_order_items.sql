select
    items.order_item_id,
    items.order_id,
    orders.customer_id,
    items.store_id,
    items.sku,
    items.category,
    items.ordered_on,
    items.quantity,
    items.currency,
    items.unit_price,
    items.line_total,
    {{ to_shop_currency('items.line_total', 'items.currency', 'rates.rate_to_eur') }} as line_total_eur,
    items.line_cost_eur,
    coalesce(returned.quantity, 0) as quantity_returned
from {{ ref('int_order_items_priced') }} as items
inner join {{ ref('stg_orders') }} as orders on orders.order_id = items.order_id
left join {{ ref('stg_returns') }} as returned on returned.order_item_id = items.order_item_id
left join {{ ref('dim_dates') }} as dates on dates.date_day = items.ordered_on
left join {{ ref('int_exchange_rates_filled') }} as rates
    on rates.currency = items.currency
    and rates.month_start = dates.month_start
