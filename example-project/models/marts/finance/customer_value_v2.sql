with ranked as (
    select
        customer_id,
        country,
        orders,
        lifetime_value,
        cast('{{ var("as_of") }}' as date) - last_order_on as days_since_last_order,
        ntile(4) over (order by lifetime_value desc, customer_id) as value_quarter
    from {{ ref('dim_customers') }}
    where orders > 0
)

select
    customer_id,
    country,
    orders,
    lifetime_value,
    days_since_last_order,
    case
        when days_since_last_order > 180 then 'lost'
        when value_quarter = 1 and orders >= 3 then 'best'
        when orders = 1 then 'new'
        else 'regular'
    end as segment
from ranked
