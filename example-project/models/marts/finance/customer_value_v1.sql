select
    customer_id,
    orders,
    lifetime_value
from {{ ref('dim_customers') }}
where orders > 0
