{{ config(materialized='incremental', unique_key='order_id') }}

with paid as (
    select order_id, sum(amount) as amount_paid
    from {{ ref('stg_payments') }}
    group by order_id
)

select
    orders.order_id,
    orders.customer_id,
    orders.status,
    orders.ordered_on,
    coalesce(paid.amount_paid, 0) as amount_paid,
    orders.updated_at
from {{ ref('stg_orders') }} as orders
left join paid on paid.order_id = orders.order_id

{% if is_incremental() %}
-- From the second run on, only the orders that changed since the last one.
where orders.updated_at >= (select max(updated_at) from {{ this }})
{% endif %}
