{{ survey('singular test') }}
select 1 as id from {{ ref('base') }} where false
