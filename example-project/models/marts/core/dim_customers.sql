with orders as (
    select
        customer_id,
        count(*) as orders,
        min(ordered_on) as first_order_on,
        max(ordered_on) as last_order_on,
        sum(net_received_eur) as lifetime_value
    from {{ ref('fct_orders') }}
    where customer_id is not null
        and status <> 'cancelled'
    group by customer_id
)

select
    customers.customer_id,
    customers.first_name || ' ' || customers.last_name as full_name,
    customers.email,
    customers.country,
    coalesce(customers.marketing_opt_in, false) as may_be_mailed,
    cast(customers.signed_up_at as date) as signed_up_on,
    cast(coalesce(orders.orders, 0) as integer) as orders,
    orders.first_order_on,
    orders.last_order_on,
    cast(coalesce(orders.lifetime_value, 0) as decimal(18, 2)) as lifetime_value
from {{ ref('stg_customers') }} as customers
left join orders on orders.customer_id = customers.customer_id
