{{ config(materialized='incremental', incremental_strategy='microbatch', event_time='ordered_at', begin='2025-12-31', batch_size='day', batch_ledger=true,
          unique_key='order_id' if target.type == 'postgres' else none) }}
select order_id, ordered_at, '{{ model.batch.id if model.batch else '' }}' as batch from {{ ref('raw_orders') }}
