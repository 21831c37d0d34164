{# Statements that make, drop, rename and replace relations. One macro asks by the relation's type; one per type answers. #}

{% macro get_create_sql(relation, sql) -%}
  {{ log('Applying CREATE to: ' ~ relation) }}
  {{- return(adapter.dispatch('get_create_sql', 'dbt')(relation, sql)) }}
{%- endmacro %}

{% macro default__get_create_sql(relation, sql) -%}
  {%- if relation.is_table -%}
    {{ get_create_table_as_sql(False, relation, sql) }}
  {%- elif relation.is_view -%}
    {{ get_create_view_as_sql(relation, sql) }}
  {%- elif relation.is_materialized_view -%}
    {{ get_create_materialized_view_as_sql(relation, sql) }}
  {%- else -%}
    {{ exceptions.raise_compiler_error('`get_create_sql` has not been implemented for: ' ~ relation.type) }}
  {%- endif -%}
{%- endmacro %}

{% macro get_create_table_as_sql(temporary, relation, sql) -%}
  {{ return(adapter.dispatch('get_create_table_as_sql', 'dbt')(temporary, relation, sql)) }}
{%- endmacro %}

{% macro default__get_create_table_as_sql(temporary, relation, sql) -%}
  {{ return(create_table_as(temporary, relation, sql)) }}
{%- endmacro %}

{# Only a Python model passes its language on: an adapter's own version may take three arguments. #}
{% macro create_table_as(temporary, relation, compiled_code, language='sql') -%}
  {%- set create = adapter.dispatch('create_table_as', 'dbt') -%}
  {{ create(temporary, relation, compiled_code) if language == 'sql' else create(temporary, relation, compiled_code, language) }}
{%- endmacro %}

{% macro default__create_table_as(temporary, relation, sql) -%}
  {%- set contract = config.get('contract') -%}
  {%- set checked = contract.enforced and not temporary -%}
  {{ config.get('sql_header', none) or '' }}
  create {{ 'temporary ' if temporary }}table {{ relation.include(database=not temporary, schema=not temporary) }}
  {%- if checked %}
    {{ get_assert_columns_equivalent(sql) }}
    {{ get_table_columns_and_constraints() }}
  {%- endif %}
  as (
    {{ get_select_subquery(sql) if checked else sql }}
  );
{%- endmacro %}

{% macro get_create_view_as_sql(relation, sql) -%}
  {{ return(adapter.dispatch('get_create_view_as_sql', 'dbt')(relation, sql)) }}
{%- endmacro %}

{% macro default__get_create_view_as_sql(relation, sql) -%}
  {{ return(create_view_as(relation, sql)) }}
{%- endmacro %}

{% macro create_view_as(relation, sql) -%}
  {{ return(adapter.dispatch('create_view_as', 'dbt')(relation, sql)) }}
{%- endmacro %}

{% macro default__create_view_as(relation, sql) -%}
  {%- set contract = config.get('contract') -%}
  {{ config.get('sql_header', none) or '' }}
  create view {{ relation.render() }}
  {{ get_assert_columns_equivalent(sql) if contract.enforced }}
  as (
    {{ sql }}
  );
{%- endmacro %}

{% macro get_drop_sql(relation) -%}
  {{ log('Applying DROP to: ' ~ relation) }}
  {{- return(adapter.dispatch('get_drop_sql', 'dbt')(relation)) }}
{%- endmacro %}

{% macro default__get_drop_sql(relation) -%}
  {%- if relation.is_table -%}
    {{ drop_table(relation) }}
  {%- elif relation.is_view -%}
    {{ drop_view(relation) }}
  {%- elif relation.is_materialized_view -%}
    {{ drop_materialized_view(relation) }}
  {%- else -%}
    drop {{ relation.type }} if exists {{ relation.render() }} cascade
  {%- endif -%}
{%- endmacro %}

{% macro drop_table(relation) -%}
  {{ return(adapter.dispatch('drop_table', 'dbt')(relation)) }}
{%- endmacro %}

{% macro default__drop_table(relation) -%}
  drop table if exists {{ relation.render() }} cascade
{%- endmacro %}

{% macro drop_view(relation) -%}
  {{ return(adapter.dispatch('drop_view', 'dbt')(relation)) }}
{%- endmacro %}

{% macro default__drop_view(relation) -%}
  drop view if exists {{ relation.render() }} cascade
{%- endmacro %}

{% macro get_rename_sql(relation, new_name) -%}
  {{ log('Applying RENAME to: ' ~ relation) }}
  {{- return(adapter.dispatch('get_rename_sql', 'dbt')(relation, new_name)) }}
{%- endmacro %}

{% macro default__get_rename_sql(relation, new_name) -%}
  {%- if relation.is_table -%}
    {{ get_rename_table_sql(relation, new_name) }}
  {%- elif relation.is_view -%}
    {{ get_rename_view_sql(relation, new_name) }}
  {%- elif relation.is_materialized_view -%}
    {{ get_rename_materialized_view_sql(relation, new_name) }}
  {%- else -%}
    {{ exceptions.raise_compiler_error('`get_rename_sql` has not been implemented for: ' ~ relation.type) }}
  {%- endif -%}
{%- endmacro %}

{% macro get_rename_table_sql(relation, new_name) -%}
  {{ return(adapter.dispatch('get_rename_table_sql', 'dbt')(relation, new_name)) }}
{%- endmacro %}

{% macro default__get_rename_table_sql(relation, new_name) %}
  {{ exceptions.raise_compiler_error('`get_rename_table_sql` has not been implemented for this adapter.') }}
{% endmacro %}

{% macro get_rename_view_sql(relation, new_name) -%}
  {{ return(adapter.dispatch('get_rename_view_sql', 'dbt')(relation, new_name)) }}
{%- endmacro %}

{% macro default__get_rename_view_sql(relation, new_name) %}
  {{ exceptions.raise_compiler_error('`get_rename_view_sql` has not been implemented for this adapter.') }}
{% endmacro %}

{% macro get_replace_sql(existing_relation, target_relation, sql) -%}
  {{ log('Applying REPLACE to: ' ~ existing_relation) }}
  {{- return(adapter.dispatch('get_replace_sql', 'dbt')(existing_relation, target_relation, sql)) }}
{%- endmacro %}

{# In place where the engine can; else by way of an intermediate, keeping a backup of the old one where it can be renamed. #}
{% macro default__get_replace_sql(existing_relation, target_relation, sql) -%}
  {%- set in_place = existing_relation.can_be_replaced and existing_relation.type == target_relation.type -%}
  {%- if in_place and existing_relation.is_table -%}
    {{ get_replace_table_sql(target_relation, sql) }}
  {%- elif in_place and existing_relation.is_view -%}
    {{ get_replace_view_sql(target_relation, sql) }}
  {%- elif in_place and existing_relation.is_materialized_view -%}
    {{ get_replace_materialized_view_sql(target_relation, sql) }}
  {%- else -%}
    {%- if target_relation.can_be_renamed -%}
      {{ get_create_intermediate_sql(target_relation, sql) }};
    {% endif -%}
    {{ get_create_backup_sql(existing_relation) if existing_relation.can_be_renamed else get_drop_sql(existing_relation) }};
    {{ get_rename_intermediate_sql(target_relation) if target_relation.can_be_renamed else get_create_sql(target_relation, sql) }}
    {%- if existing_relation.can_be_renamed -%}
      ;
      {{ get_drop_backup_sql(existing_relation) }}
    {%- endif -%}
  {%- endif -%}
{%- endmacro %}

{% macro get_replace_table_sql(relation, sql) -%}
  {{ return(adapter.dispatch('get_replace_table_sql', 'dbt')(relation, sql)) }}
{%- endmacro %}

{% macro default__get_replace_table_sql(relation, sql) %}
  {{ exceptions.raise_compiler_error('`get_replace_table_sql` has not been implemented for this adapter.') }}
{% endmacro %}

{% macro get_replace_view_sql(relation, sql) -%}
  {{ return(adapter.dispatch('get_replace_view_sql', 'dbt')(relation, sql)) }}
{%- endmacro %}

{% macro default__get_replace_view_sql(relation, sql) %}
  {{ exceptions.raise_compiler_error('`get_replace_view_sql` has not been implemented for this adapter.') }}
{% endmacro %}

{% macro get_create_intermediate_sql(relation, sql) -%}
  {{ log('Applying CREATE INTERMEDIATE to: ' ~ relation) }}
  {{- return(adapter.dispatch('get_create_intermediate_sql', 'dbt')(relation, sql)) }}
{%- endmacro %}

{% macro default__get_create_intermediate_sql(relation, sql) -%}
  {%- set intermediate = make_intermediate_relation(relation) -%}
  {{ get_drop_sql(intermediate) }};
  {{ get_create_sql(intermediate, sql) }}
{%- endmacro %}

{% macro get_rename_intermediate_sql(relation) -%}
  {{ log('Applying RENAME INTERMEDIATE to: ' ~ relation) }}
  {{- return(adapter.dispatch('get_rename_intermediate_sql', 'dbt')(relation)) }}
{%- endmacro %}

{% macro default__get_rename_intermediate_sql(relation) -%}
  {{ get_rename_sql(make_intermediate_relation(relation), relation.identifier) }}
{%- endmacro %}

{% macro get_create_backup_sql(relation) -%}
  {{ log('Applying CREATE BACKUP to: ' ~ relation) }}
  {{- return(adapter.dispatch('get_create_backup_sql', 'dbt')(relation)) }}
{%- endmacro %}

{% macro default__get_create_backup_sql(relation) -%}
  {%- set backup = make_backup_relation(relation, relation.type) -%}
  {{ get_drop_sql(backup) }};
  {{ get_rename_sql(relation, backup.identifier) }}
{%- endmacro %}

{% macro get_drop_backup_sql(relation) -%}
  {{ log('Applying DROP BACKUP to: ' ~ relation) }}
  {{- return(adapter.dispatch('get_drop_backup_sql', 'dbt')(relation)) }}
{%- endmacro %}

{% macro default__get_drop_backup_sql(relation) -%}
  {{ get_drop_sql(make_backup_relation(relation, relation.type)) }}
{%- endmacro %}

{# A whole view materialization in one call, for adapters and packages that build on it. #}
{% macro create_or_replace_view() %}
  {%- set existing = adapter.get_relation(database=database, schema=schema, identifier=model['alias']) -%}
  {%- set view = api.Relation.create(database=database, schema=schema, identifier=model['alias'], type='view') -%}
  {{ run_hooks(pre_hooks) }}
  {%- if existing is not none and existing.is_table -%}
    {{ handle_existing_table(should_full_refresh(), existing) }}
  {%- endif -%}
  {%- call statement('main') -%}
    {{ get_create_view_as_sql(view, sql) }}
  {%- endcall -%}
  {%- set replaced = existing is not none and existing.is_view -%}
  {%- do apply_grants(view, config.get('grants'), should_revoke=should_revoke(replaced, full_refresh_mode=True)) -%}
  {{ run_hooks(post_hooks) }}
  {{ return({'relations': [view]}) }}
{% endmacro %}

{% macro handle_existing_table(full_refresh, old_relation) %}
  {{ return(adapter.dispatch('handle_existing_table', 'dbt')(full_refresh, old_relation)) }}
{% endmacro %}

{% macro default__handle_existing_table(full_refresh, old_relation) %}
  {{ log('Dropping relation ' ~ old_relation.render() ~ ' because it is of type ' ~ old_relation.type) }}
  {{ adapter.drop_relation(old_relation) }}
{% endmacro %}
