{#
  The web server's event log: a source that no seed loads. The first run writes it, later runs leave it as it is.
  It is arithmetic on row numbers, so every database gets the same rows. On purpose it has events that arrive a day
  late, events that are sent twice, crawlers, and visitors who come back after a break.
#}
{% macro create_web_log(visits=1100) %}
create table if not exists web_log.events as
with visits as (
    select
        cast(visit as bigint) as visit,
        {{ scatter('visit', 1, 84 * 24 * 60) }} as start_minute,
        {{ scatter('visit', 2, 380) }} as visitor,
        {{ scatter('visit', 3, 8) }} + 1 as depth,
        {{ scatter('visit', 4, 20) }} as pause,
        {{ scatter('visit', 5, 10) }} as device,
        {{ scatter('visit', 6, 50) }} as agent
    from generate_series(1, {{ visits }}) as numbers(visit)
),

steps as (
    select
        visits.*,
        step,
        visit * 10 + step as event_number,
        cast('2026-01-05 06:00:00' as timestamp)
        + start_minute * interval '1 minute'
        + (step * 240 + {{ scatter('visit * 10 + step', 7, 200) }}) * interval '1 second'
        + case when pause = 0 and step > 2 then interval '50 minutes' else interval '0 minutes' end as occurred_at
    from visits
    inner join generate_series(1, 8) as steps(step) on step <= depth
),

events as (
    select
        event_number,
        'e-' || lpad(cast(event_number as varchar), 6, '0') as event_id,
        'v-' || lpad(cast(visitor as varchar), 4, '0') as visitor_id,
        case when visitor % 3 = 0 then visitor % 320 + 1 end as customer_id,
        case step
            when 1 then 'page_view'
            when 4 then 'add_to_cart'
            when 6 then 'add_to_cart'
            when 7 then 'checkout'
            when 8 then 'purchase'
            else 'product_view'
        end as event_type,
        case
            when step = 1 then '/'
            when step in (7, 8) then '/checkout'
            else '/products/TW-' || lpad(cast({{ scatter('event_number', 8, 35) }} + 1 as varchar), 3, '0')
        end as page_path,
        case when device < 5 then 'mobile' when device < 9 then 'desktop' end as device,
        case when agent = 0 then 'TideCrawler/1.0 (bot)' else 'Mozilla/5.0' end as user_agent,
        occurred_at,
        occurred_at
        + case when {{ scatter('event_number', 9, 33) }} = 0 then interval '26 hours' else interval '2 seconds' end as received_at
    from steps
)

select event_id, visitor_id, customer_id, event_type, page_path, device, user_agent, occurred_at, received_at
from events
union all
select event_id, visitor_id, customer_id, event_type, page_path, device, user_agent, occurred_at, received_at + interval '5 minutes'
from events
where {{ scatter('event_number', 10, 60) }} = 0
{% endmacro %}


{# A number from 0 to below `bound` that looks random and depends on nothing but `number` and `salt`. #}
{% macro scatter(number, salt, bound) -%}
    ((cast({{ number }} as bigint) * 1013 + {{ salt * 7919 }}) * 48271 % 2147483647 * 69621 % 2147483647 % {{ bound }})
{%- endmacro %}
