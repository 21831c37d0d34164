{{ config(
    materialized='table',
    pre_hook="insert into {{ target.schema }}.audit values ('pre')",
    post_hook=["insert into {{ target.schema }}.audit values ('post')", {"sql": "insert into {{ target.schema }}.audit values ('after')", "transaction": false}],
    indexes=[{'columns': ['order_id'], 'unique': true}],
    persist_docs={'relation': true, 'columns': true}
) }}
select * from {{ ref('orders_latest') }}
