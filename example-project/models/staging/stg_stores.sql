select
    store_id,
    name as store_name,
    kind as store_kind,
    currency,
    country,
    {{ clean_text('city', lower=false) }} as city,
    opened_on
from {{ ref('raw_stores') }}
