select
    order_item_id,
    order_id,
    sku,
    quantity,
    {{ cents_to_money('unit_price_cents') }} as unit_price
from {{ ref('raw_order_items') }}
