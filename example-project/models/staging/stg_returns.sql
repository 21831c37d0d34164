select
    return_id,
    order_id,
    order_item_id,
    quantity,
    coalesce({{ clean_text('reason') }}, 'not given') as reason,
    returned_on
from {{ ref('raw_returns') }}
