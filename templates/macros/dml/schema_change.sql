{# on_schema_change: what an incremental model does when its columns are no longer those of its table. #}

{% macro incremental_validate_on_schema_change(on_schema_change, default='ignore') %}
  {%- if on_schema_change in ['ignore', 'fail', 'append_new_columns', 'sync_all_columns'] -%}
    {{ return(on_schema_change) }}
  {%- endif -%}
  {%- do log('Invalid value for on_schema_change (' ~ on_schema_change ~ ') specified. Setting default value of ' ~ default ~ '.') -%}
  {{ return(default) }}
{% endmacro %}

{# The columns of the first list whose names are not in the second. #}
{% macro diff_columns(source_columns, target_columns) %}
  {%- set known = target_columns | map(attribute='column') | list -%}
  {{ return(source_columns | rejectattr('name', 'in', known) | list) }}
{% endmacro %}

{% macro diff_column_data_types(source_columns, target_columns) %}
  {{ return(adapter.dispatch('diff_column_data_types', 'dbt')(source_columns, target_columns)) }}
{% endmacro %}

{% macro default__diff_column_data_types(source_columns, target_columns) %}
  {%- set changed = [] -%}
  {%- for new in source_columns -%}
    {%- for old in (target_columns | selectattr('name', 'equalto', new.name) | list)[:1] -%}
      {%- if new.expanded_data_type != old.expanded_data_type and not new.can_expand_to(other_column=old) -%}
        {%- do changed.append({'column_name': old.name, 'new_type': new.expanded_data_type}) -%}
      {%- endif -%}
    {%- endfor -%}
  {%- endfor -%}
  {{ return(changed) }}
{% endmacro %}

{% macro check_for_schema_changes(source_relation, target_relation) %}
  {{ return(adapter.dispatch('check_for_schema_changes', 'dbt')(source_relation, target_relation)) }}
{% endmacro %}

{% macro default__check_for_schema_changes(source_relation, target_relation) %}
  {%- set new = adapter.get_columns_in_relation(source_relation) -%}
  {%- set old = adapter.get_columns_in_relation(target_relation) -%}
  {%- set added, removed, retyped = diff_columns(new, old), diff_columns(old, new), diff_column_data_types(new, old) -%}
  {%- set changes = {
    'schema_changed': added != [] or removed != [] or retyped != [],
    'source_not_in_target': added,
    'target_not_in_source': removed,
    'source_columns': new,
    'target_columns': old,
    'new_target_types': retyped
  } -%}
  {%- do log('In ' ~ target_relation ~ ': schema changed: ' ~ changes.schema_changed ~ '; ' ~ dml_describe_changes(added, removed, retyped)) -%}
  {{ return(changes) }}
{% endmacro %}

{% macro dml_describe_changes(added, removed, retyped) -%}
  added {{ added }}, removed {{ removed }}, changed types {{ retyped }}
{%- endmacro %}

{% macro process_schema_changes(on_schema_change, source_relation, target_relation) %}
  {{ return(adapter.dispatch('process_schema_changes', 'dbt')(on_schema_change, source_relation, target_relation)) }}
{% endmacro %}

{# The columns to insert, or an empty mapping where the target's own are to be taken. #}
{% macro default__process_schema_changes(on_schema_change, source_relation, target_relation) %}
  {%- if on_schema_change == 'ignore' -%}
    {{ return({}) }}
  {%- endif -%}
  {%- set changes = check_for_schema_changes(source_relation, target_relation) -%}
  {%- if changes['schema_changed'] -%}
    {%- if on_schema_change == 'fail' -%}
      {%- set problem -%}
        The source and target schemas on this incremental model are out of sync!
        They can be brought together in several ways:
          - set `on_schema_change` to append_new_columns or sync_all_columns;
          - run the model once with --full-refresh, or change the table by hand and run again.

        Source columns not in target: {{ changes['source_not_in_target'] }}
        Target columns not in source: {{ changes['target_not_in_source'] }}
        New column types: {{ changes['new_target_types'] }}
      {%- endset -%}
      {%- do exceptions.raise_compiler_error(problem) -%}
    {%- endif -%}
    {%- do sync_column_schemas(on_schema_change, target_relation, changes) -%}
  {%- endif -%}
  {{ return(changes['source_columns']) }}
{% endmacro %}

{% macro sync_column_schemas(on_schema_change, target_relation, schema_changes_dict) %}
  {{ return(adapter.dispatch('sync_column_schemas', 'dbt')(on_schema_change, target_relation, schema_changes_dict)) }}
{% endmacro %}

{% macro default__sync_column_schemas(on_schema_change, target_relation, schema_changes_dict) %}
  {%- set added = schema_changes_dict['source_not_in_target'] -%}
  {%- set removed = schema_changes_dict['target_not_in_source'] if on_schema_change == 'sync_all_columns' else [] -%}
  {%- set retyped = schema_changes_dict['new_target_types'] if on_schema_change == 'sync_all_columns' else [] -%}
  {%- if on_schema_change in ['append_new_columns', 'sync_all_columns'] -%}
    {%- if added or removed -%}
      {%- do alter_relation_add_remove_columns(target_relation, added, removed or none) -%}
    {%- endif -%}
    {%- for change in retyped -%}
      {%- do alter_column_type(target_relation, change['column_name'], change['new_type']) -%}
    {%- endfor -%}
  {%- endif -%}
  {%- do log('In ' ~ target_relation ~ ': ' ~ on_schema_change ~ ': ' ~ dml_describe_changes(added, removed, retyped)) -%}
{% endmacro %}
