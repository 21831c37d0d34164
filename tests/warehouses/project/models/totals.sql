{{ config(materialized='table') }}
select customer, cast(sum(amount) as decimal(12, 2)) as total, cast(count(*) as integer) as orders
from {{ ref('orders_latest') }} where customer is not null group by customer
