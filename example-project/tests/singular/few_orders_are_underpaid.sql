-- Someone looks after each underpaid order. Only when there are many is something wrong with the till.
{{ config(warn_if='> 25', error_if='> 50', store_failures=true) }}

select
    order_id,
    store_id,
    order_total,
    amount_captured,
    order_total - amount_captured as missing
from {{ ref('fct_orders') }}
where payment_state = 'underpaid'
