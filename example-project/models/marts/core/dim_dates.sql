select
    cast(day as date) as date_day,
    cast({{ dbt.date_trunc('month', 'day') }} as date) as month_start,
    cast({{ dbt.date_trunc('week', 'day') }} as date) as week_start,
    cast(extract(year from day) as integer) as year,
    cast(extract(quarter from day) as integer) as quarter,
    extract(isodow from day) >= 6 as is_weekend
from generate_series(
    cast('{{ var("calendar_start") }}' as timestamp), cast('{{ var("calendar_end") }}' as timestamp), interval '1 day'
) as calendar(day)
