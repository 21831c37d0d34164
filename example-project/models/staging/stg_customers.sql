-- The export sometimes holds a customer twice; the row that changed last counts.
with newest as (
    {{ newest_rows(ref('raw_customers'), 'customer_id', 'updated_at desc, email') | indent(4) }}
)

select
    customer_id,
    trim(first_name) as first_name,
    trim(last_name) as last_name,
    {{ clean_text('email') }} as email,
    coalesce({{ clean_text('country', lower=false) }}, 'unknown') as country,
    marketing_opt_in,
    signed_up_at,
    updated_at
from newest
