{# Tests of numbers against their own past. #}

{#
Tests of a number against its own past. The past is in the history (one point for each day on which a run has measured, the last one of the day) or, where
`timestamp_column` is given, in the table itself: a point for each day of its rows. Days are of UTC, and now is when the run began.

What is expected: the median of the points, give or take `sensitivity` times 1.4826 times the median absolute deviation (which is the standard deviation where
values are normal), and never less than `tolerance` as a part of the median or `absolute_tolerance`. Only points of the same weekday are taken where there are
`min_weekday_points` of them. With fewer than `min_points` points there is no verdict yet: `on_warmup`.
#}

{# The arguments that all of them check alike. #}
{% macro dml_anomaly_arguments(test, sensitivity, tolerance, absolute_tolerance, min_points, min_weekday_points, days, direction, on_warmup) %}
  {%- do dml_one_of(test, 'direction', direction, ['both', 'high', 'low']) -%}
  {%- do dml_one_of(test, 'on_warmup', on_warmup, ['pass', 'warn', 'fail']) -%}
  {%- for name, value, least in [
    ('sensitivity', sensitivity, 0), ('tolerance', tolerance, 0), ('absolute_tolerance', absolute_tolerance, 0),
    ('min_points', min_points, 1), ('min_weekday_points', min_weekday_points, 2), ('days', days, 1)
  ] if value is not number or value < least -%}
    {%- do exceptions.raise_compiler_error(test ~ ': ' ~ name ~ ' is a number, ' ~ least ~ ' or more, not ' ~ value) -%}
  {%- endfor -%}
{% endmacro %}

{# The days before the run's own, as a time: the one that a test judges, and how far back it looks. #}
{% macro dml_day(days_ago=0) -%}
  (date_trunc('day', {{ dml_now() }}) - interval '{{ days_ago }} days')
{%- endmacro %}

{# A column of times as a time of UTC without a zone. #}
{% macro dml_utc(test, model, timestamp_column) %}
  {%- set column = dml_tested_column(test, model, timestamp_column) -%}
  {%- set kind = dml_kind_of(column) -%}
  {%- if kind not in ['date', 'timestamp', 'timestamp_tz'] -%}
    {%- do exceptions.raise_compiler_error(test ~ ': timestamp_column is a date or a time, but ' ~ timestamp_column ~ ' is a ' ~ column.dtype) -%}
  {%- endif -%}
  {{ return("(" ~ timestamp_column ~ " at time zone 'UTC')" if kind == 'timestamp_tz' else 'cast(' ~ timestamp_column ~ ' as timestamp)') }}
{% endmacro %}

{# The points of metrics in the history. `value` and `metric` are SQL over a row of it. #}
{% macro dml_stored_points(model, column_name, metrics, days, value='value', metric='metric') -%}
    select column_name, metric, period, value, is_current
    from (
        select
            column_name,
            {{ metric }} as metric,
            date_trunc('day', recorded_at) as period,
            {{ value }} as value,
            invocation_id = '{{ invocation_id }}' as is_current,
            row_number() over (partition by metric, date_trunc('day', recorded_at) order by recorded_at desc, invocation_id desc) as place
        from {{ dml_history_table() }}
        where relation = {{ dml_text(model) }}
            and metric in ({% for one in metrics %}'{{ one }}'{{ ', ' if not loop.last }}{% endfor %})
            and {{ 'column_name is null' if column_name is none else 'lower(column_name) = ' ~ dml_text(column_name | replace('"', '') | lower) }}
            and recorded_at >= {{ dml_day(days) }}
            and (recorded_at < {{ dml_day() }} or invocation_id = '{{ invocation_id }}')
    ) recorded
    where place = 1
{%- endmacro %}

{# The points of metrics for each day of a table's own rows, the day before the run's being the one to judge. A day without rows has 0 of them. #}
{% macro dml_daily_points(measures, days) -%}
    select
        cast(null as text) as column_name,
        metric,
        days.period,
        case when metric = 'row_count' then coalesce(value, 0) else value end as value,
        days.period = {{ dml_day(1) }} as is_current
    from (
        select {{ dml_day(1) }} - number * interval '1 day' as period
        from (values {% for k in range(days + 1) %}({{ k }}){{ ', ' if not loop.last }}{% endfor %}) as numbers (number)
    ) days
    cross join (values {% for measure in measures %}('{{ measure.metric }}'){{ ', ' if not loop.last }}{% endfor %}) as metrics (metric)
    left join (
        {% for measure in measures %}
        select '{{ measure.metric }}' as measured_metric, measured_period, measure_{{ loop.index0 }} as value from dml_measured{{ ' union all' if not loop.last }}
        {%- endfor %}
    ) measured on measured_metric = metric and measured_period = days.period
    where days.period >= (select min(measured_period) from dml_measured)
{%- endmacro %}

{# The measures of a table's rows by day, read once. #}
{% macro dml_measured(model, utc, measures, days) -%}
dml_measured as materialized (

    select
        date_trunc('day', {{ utc }}) as measured_period
        {%- for measure in measures %},
        cast({{ measure.sql }} as double precision) as measure_{{ loop.index0 }}
        {%- endfor %}
    from {{ model }}
    where {{ utc }} >= {{ dml_day(days + 1) }} and {{ utc }} < {{ dml_day() }}
    group by 1

)
{%- endmacro %}

{# Judges `dml_points`: one row for each metric that is out of what is expected, cannot be measured, or has too short a past. #}
{% macro dml_anomalies(sensitivity, tolerance, absolute_tolerance, min_points, min_weekday_points, direction, on_warmup, metrics) -%}
dml_wanted as (

    select metric from (values {% for metric in metrics %}('{{ metric }}'){{ ', ' if not loop.last }}{% endfor %}) as metrics (metric)

),

dml_present as (

    select dml_wanted.metric, dml_points.column_name, dml_points.period, dml_points.value
    from dml_wanted
    left join dml_points on dml_points.metric = dml_wanted.metric and dml_points.is_current

),

dml_past as (

    select
        dml_points.metric,
        dml_points.value,
        extract(isodow from dml_points.period) = extract(isodow from dml_present.period) as same_weekday,
        count(*) over (partition by dml_points.metric) as points,
        sum(case when extract(isodow from dml_points.period) = extract(isodow from dml_present.period) then 1 else 0 end)
            over (partition by dml_points.metric) as weekday_points
    from dml_points
    inner join dml_present on dml_present.metric = dml_points.metric
    where not dml_points.is_current and dml_points.value - dml_points.value = 0

),

dml_medians as (

    select
        metric,
        max(points) as points,
        max(weekday_points) as weekday_points,
        percentile_cont(0.5) within group (order by value) as median
    from dml_past
    where same_weekday or weekday_points < {{ min_weekday_points }}
    group by metric

),

dml_deviations as (

    select dml_past.metric, percentile_cont(0.5) within group (order by abs(dml_past.value - dml_medians.median)) as mad
    from dml_past
    inner join dml_medians on dml_medians.metric = dml_past.metric
    where dml_past.same_weekday or dml_past.weekday_points < {{ min_weekday_points }}
    group by dml_past.metric

),

dml_expected as (

    select
        dml_present.*,
        coalesce(points, 0) as points,
        weekday_points,
        median,
        mad,
        greatest({{ sensitivity }} * 1.4826 * mad, {{ tolerance }} * abs(median), {{ absolute_tolerance }}) as spread
    from dml_present
    left join dml_medians on dml_medians.metric = dml_present.metric
    left join dml_deviations on dml_deviations.metric = dml_present.metric

),

dml_problems as (

    select
        *,
        case
            when period is null then 'not measured'
            {#- Infinity and what is no number compare with nothing, now or as the past of later runs. #}
            when value - value <> 0 then 'no number'
            when points < {{ min_points }} then 'warm-up'
            when value is null then 'nothing to measure'
            {%- if direction != 'high' %}
            when value < median - spread then 'lower than expected'
            {%- endif %}
            {%- if direction != 'low' %}
            when value > median + spread then 'higher than expected'
            {%- endif %}
        end as problem
    from dml_expected

)

select
    problem,
    metric,
    value,
    median - spread as expected_from,
    median + spread as expected_to,
    median,
    mad,
    case when weekday_points >= {{ min_weekday_points }} then weekday_points else points end as points,
    case
        when weekday_points >= {{ min_weekday_points }} then
            case extract(isodow from period)
                {%- for day in ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'] %}
                when {{ loop.index }} then '{{ day }}'
                {%- endfor %}
            end
        else 'all days'
    end as weekday,
    cast(period as date) as day,
    {#- A problem that is a note is no failure: see the materialization of tests. #}
    {%- if on_warmup == 'fail' %}
    cast(null as text) as dml_note
    {%- else %}
    case when problem = 'warm-up' then metric || ': warm-up, ' || points || ' of {{ min_points }} points' end as dml_note
    {%- endif %}
from dml_problems
where problem is not null
{%- endmacro %}

{# The number of rows: of the whole table at each run, or of each day of `timestamp_column`. #}
{% test volume_anomaly(
    model, timestamp_column=none, days=60, sensitivity=3, tolerance=0.05, absolute_tolerance=0, min_points=7, min_weekday_points=4,
    direction='both', on_warmup='pass'
) %}
{{ config(fail_calc='count(*) - count(dml_note)') }}
{%- do dml_anomaly_arguments('volume_anomaly', sensitivity, tolerance, absolute_tolerance, min_points, min_weekday_points, days, direction, on_warmup) -%}
{%- set measures = [{'metric': 'row_count', 'sql': 'count(*)'}] -%}
with {% if timestamp_column is not none -%}
{%- set utc = dml_utc('volume_anomaly', model, timestamp_column) if execute else timestamp_column -%}
{{ dml_measured(model, utc, measures, days) }},

dml_points as (
{{ dml_daily_points(measures, days) }}
),
{%- else -%}
dml_points as (
{{ dml_stored_points(model, none, ['row_count'], days) }}
),
{%- endif %}

{{ dml_anomalies(sensitivity, tolerance, absolute_tolerance, min_points, min_weekday_points, direction, on_warmup, ['row_count']) }}
{% endtest %}

{# Metrics of a column: of the whole table at each run, or of each day of `timestamp_column`. #}
{% test column_anomaly(
    model, column_name, metrics, timestamp_column=none, days=60, sensitivity=3, tolerance=0.05, absolute_tolerance=0, min_points=7, min_weekday_points=4,
    direction='both', on_warmup='pass'
) %}
{{ config(fail_calc='count(*) - count(dml_note)') }}
{%- do dml_anomaly_arguments('column_anomaly', sensitivity, tolerance, absolute_tolerance, min_points, min_weekday_points, days, direction, on_warmup) -%}
{%- set wanted = dml_needed_list('column_anomaly', 'metrics', metrics) -%}
{%- set measures = [] -%}
{%- if execute -%}
  {%- set kind = dml_kind_of(dml_tested_column('column_anomaly', model, column_name)) -%}
  {%- for metric in wanted -%}
    {%- do dml_one_of('column_anomaly', 'a metric of a column that holds ' ~ kind, metric, dml_metrics_of(kind)) -%}
    {%- do measures.append({'metric': metric, 'sql': dml_metric(metric, column_name, kind)}) -%}
  {%- endfor -%}
{%- endif -%}
with {% if timestamp_column is not none -%}
{%- set utc = dml_utc('column_anomaly', model, timestamp_column) if execute else timestamp_column -%}
{{ dml_measured(model, utc, measures, days) }},

dml_points as (
{{ dml_daily_points(measures, days) }}
),
{%- else -%}
dml_points as (
{{ dml_stored_points(model, column_name, wanted, days) }}
),
{%- endif %}

{{ dml_anomalies(sensitivity, tolerance, absolute_tolerance, min_points, min_weekday_points, direction, on_warmup, wanted) }}
{% endtest %}

{# The age of the newest row now and, for each day before, the longest time without a row that ended on it: in seconds, from a table's own times. #}
{% macro dml_gap_points(model, utc, days) -%}
    select cast(null as text) as column_name, 'age' as metric, period, value, false as is_current
    from (
        select date_trunc('day', seen) as period, max({{ dml_epoch('seen') }} - {{ dml_epoch('previous') }}) as value
        from (
            select {{ utc }} as seen, lag({{ utc }}) over (order by {{ utc }}) as previous
            from {{ model }}
            where {{ utc }} >= {{ dml_day(days) }} and {{ utc }} < {{ dml_day() }}
        ) rows_in_order
        group by 1
    ) gaps
    union all
    select null, 'age', {{ dml_day() }}, {{ dml_epoch(dml_now()) }} - max({{ dml_epoch(utc) }}), true
    from {{ model }}
    where {{ utc }} <= {{ dml_now() }}
{%- endmacro %}

{#
The age in seconds of the newest value of a column of times when a run begins: against its age at earlier runs or, with `timestamp_column`, against the longest
times without a row in the table itself.
#}
{% test freshness_anomaly(
    model, column_name=none, timestamp_column=none, days=60, sensitivity=3, tolerance=0.05, absolute_tolerance=0, min_points=7, min_weekday_points=4,
    on_warmup='pass'
) %}
{{ config(fail_calc='count(*) - count(dml_note)') }}
{%- do dml_anomaly_arguments('freshness_anomaly', sensitivity, tolerance, absolute_tolerance, min_points, min_weekday_points, days, 'high', on_warmup) -%}
{%- set times = timestamp_column or column_name -%}
{%- if times is none -%}
  {%- do exceptions.raise_compiler_error('freshness_anomaly stands under a column of times, or needs timestamp_column') -%}
{%- endif -%}
{%- set utc = dml_utc('freshness_anomaly', model, times) if execute else times -%}
with dml_points as (
{% if timestamp_column is none -%}
{{ dml_stored_points(model, column_name, ['max'], days, dml_epoch('recorded_at') ~ ' - value', "'age'") }}
{%- else -%}
{{ dml_gap_points(model, utc, days) }}
{%- endif %}
),

{{ dml_anomalies(sensitivity, tolerance, absolute_tolerance, min_points, min_weekday_points, 'high', on_warmup, ['age']) }}
{% endtest %}

{# Columns that are not as they were at the last run before this one that has measured: added, removed, or of another type. `allow`: kinds of change that are fine. #}
{% test schema_changed(model, allow=[], ignore_columns=[], on_warmup='pass') %}
{{ config(fail_calc='count(*) - count(dml_note)') }}
{%- do dml_one_of('schema_changed', 'on_warmup', on_warmup, ['pass', 'warn', 'fail']) -%}
{%- for kind in dml_list(allow) -%}
  {%- do dml_one_of('schema_changed', 'allow', kind, ['added', 'removed', 'type_changed']) -%}
{%- endfor -%}
with dml_runs as (

    select invocation_id, max(recorded_at) as recorded_at
    from {{ dml_history_table() }}
    where relation = {{ dml_text(model) }} and metric = 'type'
    group by invocation_id

),

dml_last as (

    select invocation_id
    from dml_runs
    where invocation_id <> '{{ invocation_id }}'
    order by recorded_at desc, invocation_id desc
    limit 1

),

dml_before as (

    select column_name, text_value
    from {{ dml_history_table() }}
    where relation = {{ dml_text(model) }} and metric = 'type' and invocation_id in (select invocation_id from dml_last)

),

dml_now as (

    select column_name, text_value
    from {{ dml_history_table() }}
    where relation = {{ dml_text(model) }} and metric = 'type' and invocation_id = '{{ invocation_id }}'

),

dml_changes as (

    select
        case when dml_before.column_name is null then 'added' when dml_now.column_name is null then 'removed' else 'type_changed' end as change,
        coalesce(dml_now.column_name, dml_before.column_name) as column_name,
        dml_before.text_value as type_before,
        dml_now.text_value as type_now
    from dml_before
    full join dml_now on dml_now.column_name = dml_before.column_name
    where (dml_before.column_name is null or dml_now.column_name is null or dml_before.text_value <> dml_now.text_value)
        and exists (select 1 from dml_last)
        and exists (select 1 from dml_now)

)

select change, column_name, type_before, type_now, cast(null as text) as dml_note
from dml_changes
where true
    {%- for kind in dml_list(allow) %}
    and change <> '{{ kind }}'
    {%- endfor %}
    {%- for name in dml_list(ignore_columns) %}
    and lower(column_name) <> {{ dml_text(name | lower) }}
    {%- endfor %}
union all
select
    'not measured', null, null, null, cast(null as text)
where not exists (select 1 from dml_now)
union all
select
    'warm-up', null, null, null, {{ "cast(null as text)" if on_warmup == 'fail' else "'schema: warm-up, no earlier run to compare with'" }}
where not exists (select 1 from dml_last) and exists (select 1 from dml_now)
{% endtest %}
