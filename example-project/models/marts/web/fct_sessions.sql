select
    session_id,
    visitor_id,
    min(session_number) as session_number,
    max(customer_id) as customer_id,
    min(device) as device,
    min(occurred_at) as started_at,
    max(occurred_at) as ended_at,
    cast({{ dbt.datediff('min(occurred_at)', 'max(occurred_at)', 'second') }} as integer) as seconds,
    count(*) as events,
    count(distinct sku) as products_seen,
    max(case when event_type = 'add_to_cart' then 1 else 0 end) = 1 as added_to_cart,
    max(case when event_type = 'purchase' then 1 else 0 end) = 1 as bought
from {{ ref('int_web_events_with_session') }}
group by session_id, visitor_id
