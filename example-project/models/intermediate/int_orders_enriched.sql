select
    orders.order_id,
    orders.customer_id,
    orders.store_id,
    orders.channel,
    orders.status,
    orders.coupon,
    orders.is_guest,
    orders.currency,
    orders.ordered_at,
    orders.ordered_on,
    totals.lines,
    totals.pieces,
    totals.order_total,
    cast(coalesce(payments.amount_captured, 0) as decimal(18, 2)) as amount_captured,
    cast(coalesce(payments.amount_refunded, 0) as decimal(18, 2)) as amount_refunded,
    coalesce(payments.failed_attempts, 0) as failed_attempts,
    coalesce(returned.pieces_returned, 0) as pieces_returned,
    case
        when orders.status = 'cancelled' then 'cancelled'
        when coalesce(payments.amount_captured, 0) = 0 then 'open'
        when coalesce(payments.amount_captured, 0) < totals.order_total then 'underpaid'
        when coalesce(payments.amount_refunded, 0) < 0 then 'refunded'
        else 'paid'
    end as payment_state,
    {{ to_shop_currency('totals.order_total', 'orders.currency', 'rates.rate_to_eur') }} as order_total_eur,
    {{ to_shop_currency(
        '(coalesce(payments.amount_captured, 0) + coalesce(payments.amount_refunded, 0))', 'orders.currency', 'rates.rate_to_eur'
    ) }} as net_received_eur,
    -- Payments settle after the order was last touched; both count as a change.
    greatest(orders.updated_at, coalesce(payments.last_settled_at, orders.updated_at)) as changed_at
from {{ ref('stg_orders') }} as orders
inner join {{ ref('int_order_totals') }} as totals on totals.order_id = orders.order_id
left join {{ ref('int_payments_per_order') }} as payments on payments.order_id = orders.order_id
left join {{ ref('int_returns_per_order') }} as returned on returned.order_id = orders.order_id
left join {{ ref('int_exchange_rates_filled') }} as rates
    on rates.currency = orders.currency
    and rates.month_start = cast({{ dbt.date_trunc('month', 'orders.ordered_at') }} as date)
