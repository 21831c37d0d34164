{# What the columns of a table are and how they are measured: the metrics of the history, which is kept by `record` and read by the anomaly tests. #}

{# A column of what a test looks at, by its name as YAML has it. #}
{% macro dml_tested_column(test, model, column_name) %}
  {%- set found = dml_columns_by_name(model) -%}
  {%- set column = found.get(column_name | replace('"', '') | lower) -%}
  {%- if column is none -%}
    {%- do exceptions.raise_compiler_error(test ~ ': ' ~ dml_no_column(column_name, found.keys() | list)) -%}
  {%- endif -%}
  {{ return(column) }}
{% endmacro %}

{# What a column holds: `integer`, `number`, `boolean`, `text`, `date`, `timestamp`, `timestamp_tz` or `other`. #}
{% macro dml_kind_of(column) %}
  {%- set type = (column.dtype | lower).split('(')[0] | trim -%}
  {%- if type == 'timestamp' and 'with time zone' in (column.dtype | lower) -%}
    {{ return('timestamp_tz') }}
  {%- endif -%}
  {{ return({
    'decimal': 'number', 'numeric': 'number', 'boolean': 'boolean', 'bool': 'boolean', 'date': 'date',
    'timestamp': 'timestamp', 'timestamp without time zone': 'timestamp', 'timestamp_s': 'timestamp', 'timestamp_ms': 'timestamp', 'timestamp_ns': 'timestamp',
    'timestamp with time zone': 'timestamp_tz', 'timestamptz': 'timestamp_tz', 'bpchar': 'text'
  }.get(type) or ('integer' if column.is_integer() else 'number' if column.is_float() else 'text' if column.is_string() else 'other')) }}
{% endmacro %}

{# The table of the history, as SQL. `dml_history_schema` and `dml_history_table` in `vars:` put it elsewhere. #}
{% macro dml_history_table() %}
  {{ return(api.Relation.create(database=target.database, schema=dml_history_schema(), identifier=var('dml_history_table', 'dml_history')) | string) }}
{% endmacro %}

{% macro dml_history_schema() %}
  {{ return(var('dml_history_schema', target.schema)) }}
{% endmacro %}

{# When the run began, in UTC: what every row of it carries. #}
{% macro dml_now() -%}
  cast('{{ run_started_at.strftime("%Y-%m-%d %H:%M:%S") }}' as timestamp)
{%- endmacro %}

{# Makes the table, and forgets what is older than `dml_history_days` in `vars:`. #}
{% macro dml_history_prepare() -%}
create table if not exists {{ dml_history_table() }} (
    invocation_id varchar(64) not null,
    recorded_at timestamp not null,
    relation text not null,
    column_name text,
    metric varchar(32) not null,
    value double precision,
    text_value text
);
delete from {{ dml_history_table() }} where recorded_at < {{ dml_now() }} - interval '{{ var("dml_history_days", 400) | int }} days'
{%- endmacro %}

{# Seconds since 1970 of a date or a time; a time without a zone counts as UTC. #}
{% macro dml_epoch(expression) -%}
  cast(extract(epoch from {{ expression }}) as double precision)
{%- endmacro %}

{# The metrics that columns of a kind have. #}
{% macro dml_metrics_of(kind) %}
  {%- set all = ['null_count', 'null_rate', 'distinct_count'] -%}
  {%- if kind in ['integer', 'number'] -%}
    {{ return(all + ['min', 'max', 'mean', 'stddev', 'q25', 'median', 'q75']) }}
  {%- elif kind == 'text' -%}
    {{ return(all + ['min_length', 'max_length', 'mean_length']) }}
  {%- elif kind in ['date', 'timestamp', 'timestamp_tz'] -%}
    {{ return(all + ['min', 'max']) }}
  {%- elif kind == 'boolean' -%}
    {{ return(all + ['mean']) }}
  {%- endif -%}
  {{ return(['null_count', 'null_rate']) }}
{% endmacro %}

{# A metric of a column as an aggregate. Of times, seconds since 1970; of booleans, true is one; the length of texts. #}
{% macro dml_metric(metric, name, kind) -%}
  {%- set number = dml_epoch(name) if kind in ['date', 'timestamp', 'timestamp_tz']
    else 'length(' ~ name ~ ')' if kind == 'text'
    else 'case when ' ~ name ~ ' then 1 when not ' ~ name ~ ' then 0 end' if kind == 'boolean'
    else 'cast(' ~ name ~ ' as double precision)' -%}
  {%- set part = {'q25': 0.25, 'median': 0.5, 'q75': 0.75}.get(metric) -%}
  {%- if metric == 'null_count' -%}
    count(*) - count({{ name }})
  {%- elif metric == 'null_rate' -%}
    cast(count(*) - count({{ name }}) as double precision) / nullif(count(*), 0)
  {%- elif metric == 'distinct_count' -%}
    count(distinct {{ name }})
  {%- elif part -%}
    percentile_cont({{ part }}) within group (order by {{ number }})
  {%- else -%}
    {{ {'mean': 'avg', 'stddev': 'stddev_samp'}.get(metric.split('_')[0], metric.split('_')[0]) }}({{ number }})
  {%- endif -%}
{%- endmacro %}

{#
Writes down the metrics of `rows` (a relation, or one with its `where`) in one statement that reads them once, whatever it adds up, in the place of what this run may have written
of them. `wanted`: names of columns in lower case to the metrics wanted of each; none: all metrics of all columns. Every column has its type written down.
#}
{% macro dml_history_record(rows, wanted=none) -%}
{%- set measures = ['count(*)'] -%}
{%- set lines = [{'column': 'null', 'metric': 'row_count', 'value': 'measure_0', 'text': 'null'}] -%}
{%- for column in dml_tested_columns(rows) -%}
  {%- set kind = dml_kind_of(column) -%}
  {%- do lines.append({'column': dml_text(column.name), 'metric': 'type', 'value': loop.index, 'text': dml_text(column.data_type)}) -%}
  {%- for metric in dml_metrics_of(kind) if wanted is none or metric in wanted.get(column.name | lower, []) -%}
    {%- do lines.append({'column': dml_text(column.name), 'metric': metric, 'value': 'measure_' ~ (measures | length), 'text': 'null'}) -%}
    {%- do measures.append(dml_metric(metric, column.quoted, kind)) -%}
  {%- endfor -%}
{%- endfor -%}
delete from {{ dml_history_table() }} where invocation_id = '{{ invocation_id }}' and relation = {{ dml_text(rows) }};
insert into {{ dml_history_table() }} (invocation_id, recorded_at, relation, column_name, metric, value, text_value)
with measured as materialized (
    select
        {% for measure in measures %}
        {{ measure }} as measure_{{ loop.index0 }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ rows }}
)
select '{{ invocation_id }}', {{ dml_now() }}, {{ dml_text(rows) }}, column_name, metric, value, text_value
from (
    {% for line in lines %}
    select cast({{ line.column }} as text) as column_name, '{{ line.metric }}' as metric, cast({{ line.value }} as double precision) as value, cast({{ line.text }} as text) as text_value from measured
    {{- ' union all' if not loop.last }}
    {%- endfor %}
) lines
{%- endmacro %}
