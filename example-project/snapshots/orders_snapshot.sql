{% snapshot orders_snapshot %}
{{
    config(
        unique_key='order_id',
        strategy='timestamp',
        updated_at='updated_at',
        hard_deletes='ignore'
    )
}}

select order_id, status, store_id, updated_at
from {{ ref('stg_orders') }}

{% endsnapshot %}
