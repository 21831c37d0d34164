{# Making, dropping and renaming on Postgres. #}

{% macro postgres__create_table_as(temporary, relation, sql) -%}
  {%- set contract = config.get('contract') -%}
  {%- set checked = contract.enforced and not temporary -%}
  {%- set kind = 'temporary ' if temporary else 'unlogged ' if config.get('unlogged', default=false) else '' -%}
  {{ config.get('sql_header', none) or '' }}
  create {{ kind }}table {{ relation }}
  {{ get_assert_columns_equivalent(sql) if contract.enforced }}
  {%- if checked %}
    {{ get_table_columns_and_constraints() }} ;
    insert into {{ relation }} (
      {{ adapter.dispatch('get_column_names', 'dbt')() }}
    )
  {%- else %}
    as
  {%- endif %}
  (
    {{ get_select_subquery(sql) if checked else sql }}
  );
{%- endmacro %}

{% macro postgres__get_replace_table_sql(relation, sql) -%}
  {%- set contract = config.get('contract') -%}
  {{ config.get('sql_header', none) or '' }}
  create or replace table {{ relation }}
  {%- if contract.enforced %}
    {{ get_assert_columns_equivalent(sql) }}
    {{ get_table_columns_and_constraints() }}
  {%- endif %}
  as (
    {{ get_select_subquery(sql) if contract.enforced else sql }}
  );
{%- endmacro %}

{% macro postgres__get_replace_view_sql(relation, sql) -%}
  {%- set contract = config.get('contract') -%}
  {{ config.get('sql_header', none) or '' }}
  create or replace view {{ relation }}
  {{ get_assert_columns_equivalent(sql) if contract.enforced }}
  as (
    {{ sql }}
  );
{%- endmacro %}

{% macro postgres__drop_table(relation) -%}
  drop table if exists {{ relation }} cascade
{%- endmacro %}

{% macro postgres__drop_view(relation) -%}
  drop view if exists {{ relation }} cascade
{%- endmacro %}

{% macro postgres__get_rename_table_sql(relation, new_name) -%}
  alter table {{ relation }} rename to {{ new_name }}
{%- endmacro %}

{% macro postgres__get_rename_view_sql(relation, new_name) -%}
  alter view {{ relation }} rename to {{ new_name }}
{%- endmacro %}
