{{ config(materialized='table', tags=['t1'], meta={'k': 'v'}, custom='mine', post_hook=[{'sql': "{{ survey('model hook') }}", 'transaction': false}]) }}
{{ survey('model') }}
select 1 as id, 'a' as name, cast(1.50 as decimal(10, 2)) as amount, date '2020-01-02' as day, true as ok
