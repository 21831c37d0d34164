{% set amount = 'cast(amount as decimal(12, 2))' -%}
select order_id, {{ function('with_tax') }}({{ amount }}) as taxed, {{ function('with_tax') }}({{ amount }}, 0.5) as more from {{ ref('orders_latest') }}
