-- Each event once, as it was first received; crawlers are left out.
with first_received as (
    {{ newest_rows(ref('stg_web_events'), key=['event_id'], order_by='received_at') | indent(4) }}
)

select
    event_id,
    visitor_id,
    customer_id,
    event_type,
    page_path,
    sku,
    device,
    occurred_at,
    received_at
from first_received
where not is_bot
