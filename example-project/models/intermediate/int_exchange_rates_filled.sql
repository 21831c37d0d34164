-- One rate per month and currency. A month without a rate takes the last one known before it.
with months as (
    select distinct month_start from {{ ref('dim_dates') }}
),

currencies as (
    select distinct currency from {{ ref('raw_exchange_rates') }}
)

select
    months.month_start,
    currencies.currency,
    (
        select rates.rate_to_eur
        from {{ ref('raw_exchange_rates') }} as rates
        where rates.currency = currencies.currency
            and rates.month <= months.month_start
        order by rates.month desc
        limit 1
    ) as rate_to_eur
from months
cross join currencies
