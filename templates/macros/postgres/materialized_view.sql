{# Materialized views: what can change without a rebuild are their indexes. #}

{% macro postgres__get_create_materialized_view_as_sql(relation, sql) %}
  create materialized view if not exists {{ relation }} as {{ sql }};
  {%- for index in config.get('indexes', []) %}
  {{ get_create_index_sql(relation, index) }}{{ ';' if not loop.last }}
  {%- endfor %}
{% endmacro %}

{% macro postgres__drop_materialized_view(relation) -%}
  drop materialized view if exists {{ relation }} cascade
{%- endmacro %}

{% macro postgres__refresh_materialized_view(relation) -%}
  refresh materialized view {{ relation }}
{%- endmacro %}

{% macro postgres__get_rename_materialized_view_sql(relation, new_name) -%}
  alter materialized view {{ relation }} rename to {{ new_name }}
{%- endmacro %}

{% macro postgres__get_alter_materialized_view_as_sql(relation, configuration_changes, sql, existing_relation, backup_relation, intermediate_relation) -%}
  {%- if configuration_changes.requires_full_refresh -%}
    {{ get_replace_sql(existing_relation, relation, sql) }}
  {%- else -%}
    {{ postgres__update_indexes_on_materialized_view(relation, configuration_changes.indexes) }}
  {%- endif -%}
{%- endmacro %}

{% macro postgres__update_indexes_on_materialized_view(relation, index_changes) -%}
  {{ log('Applying UPDATE INDEXES to: ' ~ relation) }}
  {%- for change in index_changes -%}
    {%- if change.action == 'drop' -%}
      {{ postgres__get_drop_index_sql(relation, change.context.name) }}
    {%- elif change.action == 'create' -%}
      {{ postgres__get_create_index_sql(relation, change.context.as_node_config) }}
    {%- endif -%}
    {{ ';\n' if not loop.last }}
  {%- endfor -%}
{%- endmacro %}

{% macro postgres__get_materialized_view_configuration_changes(existing_relation, new_config) %}
  {%- set existing = postgres__describe_materialized_view(existing_relation) -%}
  {{ return(existing_relation.get_materialized_view_config_change_collection(existing, new_config.model)) }}
{% endmacro %}

{% macro postgres__describe_materialized_view(relation) %}
  {{ return({'indexes': run_query(get_show_indexes_sql(relation))}) }}
{% endmacro %}

{% macro postgres__get_create_index_sql(relation, index_dict) -%}
  {%- set index = adapter.parse_index(index_dict) -%}
  create {{ 'unique ' if index.unique }}index if not exists
  "{{ index.render(relation) }}"
  on {{ relation }} {{ 'using ' ~ index.type if index.type }}
  ({{ index.columns | join(', ') }})
{%- endmacro %}

{% macro postgres__get_drop_index_sql(relation, index_name) -%}
  drop index if exists "{{ relation.schema }}"."{{ index_name }}"
{%- endmacro %}

{% macro postgres__get_show_indexes_sql(relation) %}
  select
    index_class.relname as name,
    pg_am.amname as method,
    pg_index.indisunique as "unique",
    array_to_string(array_agg(pg_attribute.attname), ',') as column_names
  from pg_index
  join pg_class as index_class on index_class.oid = pg_index.indexrelid
  join pg_am on pg_am.oid = index_class.relam
  join pg_class as table_class on table_class.oid = pg_index.indrelid
  join pg_namespace on pg_namespace.oid = table_class.relnamespace
  join pg_attribute on pg_attribute.attrelid = table_class.oid and pg_attribute.attnum = any(pg_index.indkey)
  where table_class.relname = '{{ relation.identifier }}'
    and pg_namespace.nspname = '{{ relation.schema }}'
    and table_class.relkind in ('r', 'm')
  group by 1, 2, 3
  order by 1, 2, 3
{% endmacro %}
