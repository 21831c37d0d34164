-- How late do events arrive? It helps to choose the late_event_days variable.
select
    cast({{ dbt.datediff('occurred_at', 'received_at', 'hour') }} as integer) as hours_late,
    count(*) as events
from {{ ref('stg_web_events') }}
group by 1
order by 1
