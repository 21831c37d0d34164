{{ config(materialized='ephemeral') }}
select order_id, customer, ordered_at, amount, paid, day from (
  select *, row_number() over (partition by order_id order by ordered_at desc) as nth from {{ ref('orders_view') }}
) as ranked where nth = 1
