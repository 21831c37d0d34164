{{ config(materialized='incremental', unique_key='id', pre_hook="{{ survey('pre-hook') }}") }}
select 1 as id where {{ p('inc', 'is_incremental', is_incremental()) or 'true' }}
