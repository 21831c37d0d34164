-- The goods on the receipt and the goods in the order must be the same amount.
select
    totals.order_id,
    totals.goods_total,
    sum(items.line_total) as sum_of_lines
from {{ ref('int_order_totals') }} as totals
inner join {{ ref('fct_order_items') }} as items on items.order_id = totals.order_id
group by totals.order_id, totals.goods_total
having sum(items.line_total) <> totals.goods_total
