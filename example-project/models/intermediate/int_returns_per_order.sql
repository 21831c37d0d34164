{{ config(materialized='ephemeral') }}

select
    returned.order_id,
    sum(returned.quantity) as pieces_returned,
    sum(returned.quantity * items.unit_price) as returned_value
from {{ ref('stg_returns') }} as returned
inner join {{ ref('stg_order_items') }} as items on items.order_item_id = returned.order_item_id
group by returned.order_id
