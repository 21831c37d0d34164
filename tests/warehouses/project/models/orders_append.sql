{{ config(materialized='incremental', incremental_strategy='append') }}
select order_id, customer, amount, day from {{ ref('orders_latest') }}
{% if is_incremental() %}where day > (select max(day) from {{ this }}){% endif %}
