{{ config(severity='warn', store_failures=true) }}
select order_id from {{ ref('orders_table') }} where amount > 10
