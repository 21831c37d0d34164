select * from {{ ref('raw_tiers') }}
