select
    payments.payment_id,
    payments.order_id,
    payments.paid_at,
    orders.ordered_at
from {{ ref('fct_payment_ledger') }} as payments
inner join {{ ref('fct_orders') }} as orders on orders.order_id = payments.order_id
where payments.paid_at < orders.ordered_at
