{% snapshot snap %}
{{ config(strategy='check', unique_key='id', check_cols='all') }}
{{ survey('snapshot') }}
select 1 as id
{% endsnapshot %}
