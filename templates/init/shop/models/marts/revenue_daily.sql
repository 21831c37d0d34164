select
    ordered_on,
    count(*) as orders,
    sum(amount_paid) as revenue
from {{ ref('orders') }}
where status <> 'cancelled'
group by ordered_on
