select
    event_id,
    visitor_id,
    customer_id,
    event_type,
    page_path,
    case when page_path like '/products/%' then substr(page_path, 11) end as sku,
    coalesce(device, 'unknown') as device,
    user_agent like '%bot%' as is_bot,
    occurred_at,
    received_at
from {{ source('web_log', 'events') }}
