select
    payment_id,
    order_id,
    method,
    {{ cents_to_money('amount_cents') }} as amount,
    paid_at
from {{ ref('raw_payments') }}
