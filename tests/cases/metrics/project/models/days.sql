select
  cast(day as date) as date_day,
  cast(extract(year from day) as integer) * 100 + cast(ceil(extract(month from day) / 2.0) as integer) as season
from generate_series(cast('2023-12-01' as timestamp), cast('2024-08-31' as timestamp), interval '1 day') as calendar(day)
