{# Materialized views: the adapters that have them fill in the texts. #}

{% materialization materialized_view, default %}
  {%- set existing = load_cached_relation(this) -%}
  {%- set target_relation = this.incorporate(type=this.MaterializedView) -%}
  {%- set intermediate = make_intermediate_relation(target_relation) -%}
  {%- set backup = make_backup_relation(target_relation, target_relation.MaterializedView if existing is none else existing.type) -%}
  {{ materialized_view_setup(backup, intermediate, pre_hooks) }}
  {%- set build_sql = materialized_view_get_build_sql(existing, target_relation, backup, intermediate) -%}
  {%- if build_sql == '' -%}
    {{ materialized_view_execute_no_op(target_relation) }}
  {%- else -%}
    {{ materialized_view_execute_build_sql(build_sql, existing, target_relation, post_hooks) }}
  {%- endif -%}
  {{ materialized_view_teardown(backup, intermediate, post_hooks) }}
  {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{# A run that was killed may have left helpers behind. #}
{% macro materialized_view_setup(backup_relation, intermediate_relation, pre_hooks) %}
  {%- for leftover in [backup_relation, intermediate_relation] -%}
    {{ drop_relation_if_exists(load_cached_relation(leftover)) }}
  {%- endfor -%}
  {{ run_hooks(pre_hooks, inside_transaction=False) }}
{% endmacro %}

{% macro materialized_view_teardown(backup_relation, intermediate_relation, post_hooks) %}
  {{ drop_relation_if_exists(backup_relation) }}
  {{ drop_relation_if_exists(intermediate_relation) }}
  {{ run_hooks(post_hooks, inside_transaction=False) }}
{% endmacro %}

{# Create, replace, alter or only refresh; empty text where nothing is to be done. #}
{% macro materialized_view_get_build_sql(existing_relation, target_relation, backup_relation, intermediate_relation) %}
  {%- if existing_relation is none -%}
    {{ return(get_create_materialized_view_as_sql(target_relation, sql)) }}
  {%- elif should_full_refresh() or not existing_relation.is_materialized_view -%}
    {{ return(get_replace_sql(existing_relation, target_relation, sql)) }}
  {%- endif -%}
  {%- set changes = get_materialized_view_configuration_changes(existing_relation, config) -%}
  {%- set on_change = config.get('on_configuration_change') -%}
  {%- set found = 'Configuration changes were identified and `on_configuration_change` was set to `' ~ on_change ~ '` for `' ~ target_relation.render() ~ '`' -%}
  {%- if changes is none -%}
    {{ return(refresh_materialized_view(target_relation)) }}
  {%- elif on_change == 'apply' -%}
    {{ return(get_alter_materialized_view_as_sql(target_relation, changes, sql, existing_relation, backup_relation, intermediate_relation)) }}
  {%- elif on_change == 'continue' -%}
    {%- do exceptions.warn(found) -%}
    {{ return('') }}
  {%- elif on_change == 'fail' -%}
    {%- do exceptions.raise_fail_fast_error(found) -%}
  {%- else -%}
    {%- do exceptions.raise_compiler_error('Unexpected configuration scenario') -%}
  {%- endif -%}
{% endmacro %}

{% macro materialized_view_execute_no_op(target_relation) %}
  {%- do store_raw_result(name='main', message='skip ' ~ target_relation, code='skip', rows_affected='-1') -%}
{% endmacro %}

{% macro materialized_view_execute_build_sql(build_sql, existing_relation, target_relation, post_hooks) %}
  {{ run_hooks(pre_hooks, inside_transaction=True) }}
  {%- call statement(name='main') -%}
    {{ build_sql }}
  {%- endcall -%}
  {%- do apply_grants(target_relation, config.get('grants'), should_revoke=should_revoke(existing_relation, full_refresh_mode=True)) -%}
  {%- do persist_docs(target_relation, model) -%}
  {{ run_hooks(post_hooks, inside_transaction=True) }}
  {{ adapter.commit() }}
{% endmacro %}

{% macro get_create_materialized_view_as_sql(relation, sql) -%}
  {{ return(adapter.dispatch('get_create_materialized_view_as_sql', 'dbt')(relation, sql)) }}
{%- endmacro %}

{% macro default__get_create_materialized_view_as_sql(relation, sql) -%}
  {{ exceptions.raise_compiler_error('`get_create_materialized_view_as_sql` has not been implemented for this adapter.') }}
{%- endmacro %}

{% macro get_replace_materialized_view_sql(relation, sql) -%}
  {{ return(adapter.dispatch('get_replace_materialized_view_sql', 'dbt')(relation, sql)) }}
{%- endmacro %}

{% macro default__get_replace_materialized_view_sql(relation, sql) %}
  {{ exceptions.raise_compiler_error('`get_replace_materialized_view_sql` has not been implemented for this adapter.') }}
{% endmacro %}

{% macro get_rename_materialized_view_sql(relation, new_name) -%}
  {{ return(adapter.dispatch('get_rename_materialized_view_sql', 'dbt')(relation, new_name)) }}
{%- endmacro %}

{% macro default__get_rename_materialized_view_sql(relation, new_name) %}
  {{ exceptions.raise_compiler_error('`get_rename_materialized_view_sql` has not been implemented for this adapter.') }}
{% endmacro %}

{% macro drop_materialized_view(relation) -%}
  {{ return(adapter.dispatch('drop_materialized_view', 'dbt')(relation)) }}
{%- endmacro %}

{% macro default__drop_materialized_view(relation) -%}
  drop materialized view if exists {{ relation.render() }} cascade
{%- endmacro %}

{% macro refresh_materialized_view(relation) -%}
  {{ log('Applying REFRESH to: ' ~ relation) }}
  {{- return(adapter.dispatch('refresh_materialized_view', 'dbt')(relation)) }}
{%- endmacro %}

{% macro default__refresh_materialized_view(relation) %}
  {{ exceptions.raise_compiler_error('`refresh_materialized_view` has not been implemented for this adapter.') }}
{% endmacro %}

{% macro get_alter_materialized_view_as_sql(relation, configuration_changes, sql, existing_relation, backup_relation, intermediate_relation) -%}
  {{ log('Applying ALTER to: ' ~ relation) }}
  {%- set alter = adapter.dispatch('get_alter_materialized_view_as_sql', 'dbt') -%}
  {{ return(alter(relation, configuration_changes, sql, existing_relation, backup_relation, intermediate_relation)) }}
{%- endmacro %}

{% macro default__get_alter_materialized_view_as_sql(relation, configuration_changes, sql, existing_relation, backup_relation, intermediate_relation) %}
  {{ exceptions.raise_compiler_error('Materialized views have not been implemented for this adapter.') }}
{% endmacro %}

{# None where the view in the database is as the config wants it. #}
{% macro get_materialized_view_configuration_changes(existing_relation, new_config) -%}
  {{ log('Determining configuration changes on: ' ~ existing_relation) }}
  {{- return(adapter.dispatch('get_materialized_view_configuration_changes', 'dbt')(existing_relation, new_config)) }}
{%- endmacro %}

{% macro default__get_materialized_view_configuration_changes(existing_relation, new_config) %}
  {{ exceptions.raise_compiler_error('Materialized views have not been implemented for this adapter.') }}
{% endmacro %}
