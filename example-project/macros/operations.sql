{# Where incremental models write down how far they have read; see `record_watermark`. #}
{% macro create_watermarks() %}
create table if not exists ops.watermarks (model varchar primary key, read_up_to timestamp)
{% endmacro %}


{# For a post-hook: notes the newest value of `column` in the model that was just built. #}
{% macro record_watermark(relation, column) %}
insert into ops.watermarks
select '{{ relation.identifier }}', max({{ column }}) from {{ relation }}
on conflict (model) do update set read_up_to = excluded.read_up_to
{% endmacro %}


{# For on-run-end: one line in the log for everything that did not go well. Runs no SQL. #}
{% macro log_problems(results) %}
    {%- if execute -%}
        {%- for result in results if result.status | string in ['error', 'fail', 'runtime error'] -%}
            {%- do log('needs a look: ' ~ result.node.unique_id ~ ' (' ~ result.status ~ ')', info=true) -%}
        {%- endfor -%}
    {%- endif -%}
{% endmacro %}


{# An operation: dml run-operation count_rows --args '{model: fct_orders}' #}
{% macro count_rows(model='fct_orders') %}
    {%- set counted = run_query('select count(*) as n from ' ~ ref(model)) -%}
    {%- if execute -%}
        {%- do log(model ~ ' has ' ~ counted.columns[0].values()[0] ~ ' rows', info=true) -%}
    {%- endif -%}
{% endmacro %}
