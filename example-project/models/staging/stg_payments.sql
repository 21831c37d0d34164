select
    payment_id,
    order_id,
    coalesce({{ clean_text('method') }}, 'unknown') as method,
    {{ cents_to_money('amount_cents') }} as amount,
    status,
    paid_at,
    loaded_at
from {{ ref('raw_payments') }}
