-- One column for each payment method that occurs. The methods are read from the database when this is compiled.
{%- set methods = values_of(ref('stg_payments'), 'method', default=['card', 'cash']) %}

select
    cast({{ dbt.date_trunc('month', 'paid_at') }} as date) as month_start,
    currency,
    {{ sums_by_value('method', methods, 'amount', prefix='paid_by_') }},
    count(*) as movements
from {{ ref('fct_payment_ledger') }}
where status <> 'failed'
group by 1, 2
