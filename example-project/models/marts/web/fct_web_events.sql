{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key='event_id',
        on_schema_change='fail'
    )
}}

select
    event_id,
    visitor_id,
    customer_id,
    event_type,
    page_path,
    sku,
    device,
    occurred_at,
    cast(occurred_at as date) as occurred_on,
    received_at
from {{ ref('int_web_events_deduplicated') }}

{% if is_incremental() %}
-- Events can arrive more than a day after they happened, so a few days are read again and replaced.
where received_at >= (
    select coalesce(max(received_at), cast('1900-01-01' as timestamp)) from {{ this }}
) - interval '{{ var("late_event_days") }} days'
{% endif %}
