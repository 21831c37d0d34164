{{ config(materialized='view') }}

select
    store_id,
    store_name,
    store_kind,
    currency,
    country,
    coalesce(city, 'online') as city,
    opened_on,
    {{ dbt.datediff('opened_on', "cast('" ~ var('as_of') ~ "' as date)", 'day') }} as days_open
from {{ ref('stg_stores') }}
