select
    order_id,
    customer_id,
    status,
    ordered_on,
    updated_at
from {{ ref('raw_orders') }}
