select
    order_id,
    customer_id,
    store_id,
    {{ clean_text('channel') }} as channel,
    {{ clean_text('status') }} as status,
    currency,
    {{ cents_to_money('discount_cents') }} as discount,
    {{ cents_to_money('shipping_cents') }} as shipping,
    {{ clean_text('coupon', lower=false) }} as coupon,
    customer_id is null as is_guest,
    ordered_at,
    cast(ordered_at as date) as ordered_on,
    updated_at
from {{ ref('raw_orders') }}
