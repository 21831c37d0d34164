{{ config(materialized='table') }}

with marked as (
    select
        *,
        case
            when lag(occurred_at) over (partition by visitor_id order by occurred_at, event_id) is null then 1
            when occurred_at
                > lag(occurred_at) over (partition by visitor_id order by occurred_at, event_id)
                + interval '{{ var("session_gap_minutes") }} minutes' then 1
            else 0
        end as starts_session
    from {{ ref('int_web_events_deduplicated') }}
),

numbered as (
    select
        *,
        sum(starts_session) over (
            partition by visitor_id order by occurred_at, event_id rows between unbounded preceding and current row
        ) as session_number
    from marked
)

select
    event_id,
    visitor_id,
    visitor_id || '-' || cast(session_number as varchar) as session_id,
    cast(session_number as integer) as session_number,
    customer_id,
    event_type,
    sku,
    device,
    occurred_at
from numbered
