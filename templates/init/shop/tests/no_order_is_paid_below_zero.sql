-- A test is a query that must return no row.
select order_id, amount_paid
from {{ ref('orders') }}
where amount_paid < 0
