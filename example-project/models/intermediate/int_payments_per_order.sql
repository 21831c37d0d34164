{{ config(materialized='ephemeral') }}

select
    order_id,
    sum(case when status = 'captured' then amount else 0 end) as amount_captured,
    sum(case when status = 'refunded' then amount else 0 end) as amount_refunded,
    sum(case when status = 'pending' then amount else 0 end) as amount_pending,
    count(case when status = 'failed' then 1 end) as failed_attempts,
    max(case when status in ('captured', 'refunded') then loaded_at end) as last_settled_at
from {{ ref('stg_payments') }}
group by order_id
