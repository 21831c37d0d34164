select
    customers.customer_id,
    customers.full_name,
    customers.email,
    count(orders.order_id) as orders,
    min(orders.ordered_on) as first_order_on,
    coalesce(sum(orders.amount_paid), 0) as amount_paid
from {{ ref('stg_customers') }} as customers
left join {{ ref('orders') }} as orders
    on orders.customer_id = customers.customer_id
    and orders.status <> 'cancelled'
group by customers.customer_id, customers.full_name, customers.email
