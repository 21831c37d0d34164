select
    sku,
    trim(name) as product_name,
    {{ clean_text('category') }} as category,
    {{ cents_to_money('price_cents') }} as list_price,
    case when cost_cents is not null then {{ cents_to_money('cost_cents') }} end as unit_cost,
    is_active,
    launched_on,
    updated_at
from {{ ref('raw_products') }}
