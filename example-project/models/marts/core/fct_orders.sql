{{
    config(
        materialized='incremental',
        incremental_strategy='merge',
        unique_key='order_id',
        on_schema_change='append_new_columns',
        post_hook="{{ record_watermark(this, 'changed_at') }}"
    )
}}

select
    order_id,
    customer_id,
    store_id,
    channel,
    status,
    payment_state,
    coupon,
    is_guest,
    currency,
    lines,
    pieces,
    pieces_returned,
    order_total,
    amount_captured,
    amount_refunded,
    order_total_eur,
    net_received_eur,
    ordered_at,
    ordered_on,
    changed_at
from {{ ref('int_orders_enriched') }}

{% if is_incremental() %}
-- An order changes after it was placed: it ships, it is paid, it comes back. The merge replaces the row.
where changed_at >= (select coalesce(max(changed_at), cast('1900-01-01' as timestamp)) from {{ this }})
{% endif %}
