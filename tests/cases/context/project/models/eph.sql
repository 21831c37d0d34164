{{ config(materialized='ephemeral') }}
{{ survey('ephemeral') }}
select 5 as five
