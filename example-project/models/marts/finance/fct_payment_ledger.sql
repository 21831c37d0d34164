{{
    config(
        materialized='incremental',
        incremental_strategy='append'
    )
}}

-- A ledger is only ever added to. Movements that are still pending wait until they settle or fail.
select
    payments.payment_id,
    payments.order_id,
    orders.store_id,
    orders.currency,
    payments.method,
    payments.status,
    payments.amount,
    payments.paid_at,
    payments.loaded_at
from {{ ref('stg_payments') }} as payments
inner join {{ ref('stg_orders') }} as orders on orders.order_id = payments.order_id
where payments.status <> 'pending'

{% if is_incremental() %}
    and payments.loaded_at > (select coalesce(max(loaded_at), cast('1900-01-01' as timestamp)) from {{ this }})
{% endif %}
