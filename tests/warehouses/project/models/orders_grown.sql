{{ config(materialized='incremental', unique_key=['order_id'], incremental_strategy='delete+insert', on_schema_change='sync_all_columns') }}
select order_id, amount{% if var('day') > 1 %}, customer{% else %}, paid{% endif %}
from {{ ref('orders_latest') }}
