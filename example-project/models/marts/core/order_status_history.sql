-- How long an order stayed in each status, as far as the snapshot saw it.
{{ config(materialized='view') }}

select
    order_id,
    status,
    dbt_valid_from as valid_from,
    dbt_valid_to as valid_to,
    dbt_valid_to is null as is_current
from {{ ref('orders_snapshot') }}
