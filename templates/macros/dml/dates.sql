{# Dates of partitions, computed in the template. #}

{% macro convert_datetime(date_str, date_fmt) %}
  {%- set problem = "The provided partition date '" ~ date_str ~ "' does not match the expected format '" ~ date_fmt ~ "'" -%}
  {{ return(try_or_compiler_error(problem, modules.datetime.datetime.strptime, date_str.strip(), date_fmt)) }}
{% endmacro %}

{# Every day from the first to the last, both included, as text, or as datetimes where out_fmt is empty. #}
{% macro dates_in_range(start_date_str, end_date_str=none, in_fmt='%Y%m%d', out_fmt='%Y%m%d') %}
  {%- set first = convert_datetime(start_date_str, in_fmt) -%}
  {%- set last = first if end_date_str is none else convert_datetime(end_date_str, in_fmt) -%}
  {%- if last < first -%}
    {%- do exceptions.raise_compiler_error('Partition start date is after the end date (' ~ first ~ ', ' ~ last ~ ')', model) -%}
  {%- endif -%}
  {%- set dates = [] -%}
  {%- for day in range((last - first).days + 1) -%}
    {%- set date = first + modules.datetime.timedelta(days=day) -%}
    {%- do dates.append(date.strftime(out_fmt) if out_fmt else date) -%}
  {%- endfor -%}
  {{ return(dates) }}
{% endmacro %}

{# The days of `20240101` or `20240101,20240107`. #}
{% macro partition_range(raw_partition_date, date_fmt='%Y%m%d') %}
  {%- set ends = (raw_partition_date | string).split(',') -%}
  {%- if ends | length > 2 -%}
    {%- do exceptions.raise_compiler_error('Invalid partition time. Expected format: {Start Date}[,{End Date}]. Got: ' ~ raw_partition_date) -%}
  {%- endif -%}
  {{ return(dates_in_range(ends[0], ends[1] if ends | length == 2 else none, in_fmt=date_fmt)) }}
{% endmacro %}

{% macro py_current_timestring() %}
  {{ return(modules.datetime.datetime.now().strftime('%Y%m%d%H%M%S%f')) }}
{% endmacro %}
