{# Snapshots: type-2 histories. A strategy says what identifies a row, when it changed and how a version is named; the staging
   table holds what is to be inserted, closed and marked as deleted; the merge applies it. #}

{% macro strategy_dispatch(name) -%}
  {%- set package, strategy = name.split('.', 1) if '.' in name else (none, name) -%}
  {%- if package is not none and package not in context -%}
    {%- do exceptions.raise_compiler_error("Could not find package '" ~ package ~ "', called with '" ~ name ~ "'") -%}
  {%- endif -%}
  {%- set macros = context if package is none else context[package] -%}
  {%- set wanted = 'snapshot_' ~ strategy ~ '_strategy' -%}
  {%- if wanted not in macros -%}
    {%- do exceptions.raise_compiler_error("The specified strategy macro '" ~ strategy ~ "' was not found in package '" ~ package ~ "'") -%}
  {%- endif -%}
  {{ return(macros[wanted]) }}
{%- endmacro %}

{% macro snapshot_hash_arguments(args) -%}
  {{ return(adapter.dispatch('snapshot_hash_arguments', 'dbt')(args)) }}
{%- endmacro %}

{# The name of a version. Existing tables hold these hashes: never change the text. #}
{% macro default__snapshot_hash_arguments(args) -%}
    md5({% for arg in args -%}
        coalesce(cast({{ arg }} as varchar ), '')
        {%- if not loop.last %}
         || '|' || {% endif %}
    {%- endfor %}
        )
{%- endmacro %}

{% macro snapshot_timestamp_strategy(node, snapshotted_rel, current_rel, model_config, target_exists) %}
  {%- set updated_at = config.get('updated_at') -%}
  {%- set valid_from = dml_snapshot_columns().dbt_valid_from -%}
  {%- set changed = '(' ~ snapshotted_rel ~ '.' ~ valid_from ~ ' < ' ~ current_rel ~ '.' ~ updated_at ~ ')' -%}
  {{ return(dml_snapshot_strategy(updated_at, changed)) }}
{% endmacro %}

{% macro snapshot_check_strategy(node, snapshotted_rel, current_rel, model_config, target_exists) %}
  {%- set added, checked = snapshot_check_all_get_existing_columns(node, target_exists, config.get('check_cols')) -%}
  {%- set changed -%}
    (
    {%- if added -%}
      {{ get_true_sql() }}
    {%- else -%}
      {%- for column in checked -%}
        {%- set old, new = snapshotted_rel ~ '.' ~ column, current_rel ~ '.' ~ column -%}
        {{ old }} != {{ new }}
        or
        (
          (({{ old }} is null) and not ({{ new }} is null))
          or
          ((not {{ old }} is null) and ({{ new }} is null))
        )
        {{- ' or ' if not loop.last }}
      {%- endfor -%}
    {%- endif -%}
    )
  {%- endset -%}
  {{ return(dml_snapshot_strategy(config.get('updated_at') or snapshot_get_time(), changed)) }}
{% endmacro %}

{% macro dml_snapshot_strategy(updated_at, row_changed) %}
  {%- set unique_key = config.get('unique_key') -%}
  {%- set hard_deletes = adapter.get_hard_deletes_behavior(config) -%}
  {{ return({
    'unique_key': unique_key,
    'updated_at': updated_at,
    'row_changed': row_changed,
    'scd_id': snapshot_hash_arguments(api.Relation.scd_args(unique_key, updated_at)),
    'invalidate_hard_deletes': hard_deletes == 'invalidate',
    'hard_deletes': hard_deletes
  }) }}
{% endmacro %}

{# Whether the query has checked columns that the table lacks, and those it has, quoted. #}
{% macro snapshot_check_all_get_existing_columns(node, target_exists, check_cols_config) -%}
  {%- if not target_exists -%}
    {{ return((false, query_columns)) }}
  {%- endif -%}
  {%- if check_cols_config == 'all' -%}
    {%- set wanted = get_columns_in_query(node['compiled_code']) -%}
  {%- elif check_cols_config is iterable and check_cols_config | length > 0 -%}
    {%- set query -%}
      select {{ check_cols_config | join(', ') }} from (
        {{ node['compiled_code'] }}
      ) subq
    {%- endset -%}
    {%- set wanted = get_columns_in_query(query) -%}
  {%- else -%}
    {%- do exceptions.raise_compiler_error("Invalid value for 'check_cols': " ~ check_cols_config) -%}
  {%- endif -%}
  {%- set table = adapter.get_relation(database=node.database, schema=node.schema, identifier=node.alias) -%}
  {%- set there = adapter.get_columns_in_relation(table) | map(attribute='name') | list -%}
  {%- set checked = [] -%}
  {%- for name in wanted if name in there -%}
    {%- do checked.append(adapter.quote(name)) -%}
  {%- endfor -%}
  {{ return((checked | length < wanted | length, checked)) }}
{%- endmacro %}

{% macro get_true_sql() %}
  {{ return(adapter.dispatch('get_true_sql', 'dbt')()) }}
{% endmacro %}

{% macro default__get_true_sql() %}
  {{ return('TRUE') }}
{% endmacro %}

{% macro snapshot_string_as_time(timestamp) -%}
  {{ return(adapter.dispatch('snapshot_string_as_time', 'dbt')(timestamp)) }}
{%- endmacro %}

{% macro default__snapshot_string_as_time(timestamp) %}
  {%- do exceptions.raise_not_implemented('snapshot_string_as_time macro not implemented for adapter ' ~ adapter.type()) -%}
{% endmacro %}

{% macro get_snapshot_table_column_names() %}
  {%- set names = {} -%}
  {%- for name in ['dbt_valid_to', 'dbt_valid_from', 'dbt_scd_id', 'dbt_updated_at', 'dbt_is_deleted'] -%}
    {%- do names.update({name: name}) -%}
  {%- endfor -%}
  {{ return(names) }}
{% endmacro %}

{# The names of dbt's columns in this snapshot. #}
{% macro dml_snapshot_columns() %}
  {{ return(config.get('snapshot_table_column_names') or get_snapshot_table_column_names()) }}
{% endmacro %}

{# Whether a version is the current one: open, or, with dbt_valid_to_current, closed at that far time. #}
{% macro dml_is_current(valid_to) -%}
  {%- set far = config.get('dbt_valid_to_current') -%}
  {%- if far -%}
    ( {{ equals(valid_to, far | trim) }} or {{ valid_to }} is null )
  {%- else -%}
    {{ valid_to }} is null
  {%- endif -%}
{%- endmacro %}

{% macro get_dbt_valid_to_current(strategy, columns) -%}
  coalesce(nullif({{ strategy.updated_at }}, {{ strategy.updated_at }}), {{ config.get('dbt_valid_to_current') or 'null' }})
  as {{ columns.dbt_valid_to }}
{%- endmacro %}

{% macro build_snapshot_table(strategy, sql) -%}
  {{ return(adapter.dispatch('build_snapshot_table', 'dbt')(strategy, sql)) }}
{%- endmacro %}

{# The first build: every row is a current version. #}
{% macro default__build_snapshot_table(strategy, sql) %}
  {%- set columns = dml_snapshot_columns() -%}
  select *,
    {{ strategy.scd_id }} as {{ columns.dbt_scd_id }},
    {{ strategy.updated_at }} as {{ columns.dbt_updated_at }},
    {{ strategy.updated_at }} as {{ columns.dbt_valid_from }},
    {{ get_dbt_valid_to_current(strategy, columns) }}
    {{- ", 'False' as " ~ columns.dbt_is_deleted if strategy.hard_deletes == 'new_record' }}
  from (
    {{ sql }}
  ) sbq
{% endmacro %}

{% macro snapshot_staging_table(strategy, source_sql, target_relation) -%}
  {{ return(adapter.dispatch('snapshot_staging_table', 'dbt')(strategy, source_sql, target_relation)) }}
{%- endmacro %}

{% macro default__snapshot_staging_table(strategy, source_sql, target_relation) -%}
  {%- set columns = dml_snapshot_columns() -%}
  {%- set keys = unique_key_fields(strategy.unique_key) -%}
  {%- set same_key = unique_key_join_on(strategy.unique_key, 'snapshotted_data', 'source_data') -%}
  {%- set new_records = strategy.hard_deletes == 'new_record' -%}
  {%- set deletes = new_records or strategy.hard_deletes == 'invalidate' -%}
  {%- set was_deleted = 'snapshotted_data.' ~ columns.dbt_is_deleted ~ " = 'True'" -%}
  {%- set changed = strategy.row_changed ~ (' or ' ~ was_deleted if new_records else '') -%}
  with snapshot_query as (
    {{ source_sql }}
  ),

  snapshotted_data as (
    select *, {{ keys }}
    from {{ target_relation }}
    where {{ dml_is_current(columns.dbt_valid_to) }}
  ),

  insertions_source_data as (
    select *, {{ keys }},
      {{ strategy.updated_at }} as {{ columns.dbt_updated_at }},
      {{ strategy.updated_at }} as {{ columns.dbt_valid_from }},
      {{ get_dbt_valid_to_current(strategy, columns) }},
      {{ strategy.scd_id }} as {{ columns.dbt_scd_id }}
    from snapshot_query
  ),

  updates_source_data as (
    select *, {{ keys }},
      {{ strategy.updated_at }} as {{ columns.dbt_updated_at }},
      {{ strategy.updated_at }} as {{ columns.dbt_valid_from }},
      {{ strategy.updated_at }} as {{ columns.dbt_valid_to }}
    from snapshot_query
  ),

  {%- if deletes %}

  deletes_source_data as (
    select *, {{ keys }}
    from snapshot_query
  ),

  {%- endif %}

  insertions as (
    select
      'insert' as dbt_change_type,
      source_data.*
      {{- ",'False' as " ~ columns.dbt_is_deleted if new_records }}
    from insertions_source_data as source_data
    left outer join snapshotted_data
      on {{ same_key }}
    where {{ unique_key_is_null(strategy.unique_key, 'snapshotted_data') }}
      or ({{ unique_key_is_not_null(strategy.unique_key, 'snapshotted_data') }} and (
        {{ changed }}
      )
    )
  ),

  updates as (
    select
      'update' as dbt_change_type,
      source_data.*,
      snapshotted_data.{{ columns.dbt_scd_id }}
      {{- ', snapshotted_data.' ~ columns.dbt_is_deleted if new_records }}
    from updates_source_data as source_data
    join snapshotted_data
      on {{ same_key }}
    where (
      {{ changed }}
    )
  )

  {%- if deletes %},

  deletes as (
    select
      'delete' as dbt_change_type,
      source_data.*,
      {{ snapshot_get_time() }} as {{ columns.dbt_valid_from }},
      {{ snapshot_get_time() }} as {{ columns.dbt_updated_at }},
      {{ snapshot_get_time() }} as {{ columns.dbt_valid_to }},
      snapshotted_data.{{ columns.dbt_scd_id }}
      {{- ', snapshotted_data.' ~ columns.dbt_is_deleted if new_records }}
    from snapshotted_data
    left join deletes_source_data as source_data
      on {{ same_key }}
    where {{ unique_key_is_null(strategy.unique_key, 'source_data') }}
    {{ dml_not_deleted_yet(columns) if new_records }}
  )
  {%- endif %}

  {%- if new_records %},

  deletion_records as (
    {{ dml_deletion_records(strategy, source_sql, target_relation, columns) }}
  )
  {%- endif %}

  select * from insertions
  union all
  select * from updates
  {%- if deletes %}
  union all
  select * from deletes
  {%- endif %}
  {%- if new_records %}
  union all
  select * from deletion_records
  {%- endif %}
{%- endmacro %}

{# The versions that say "this row was deleted": the last known values, named anew. #}
{% macro dml_deletion_records(strategy, source_sql, target_relation, columns) -%}
  {%- set known = get_list_of_column_names(get_columns_in_relation(target_relation)) -%}
    select
      'insert' as dbt_change_type,
      {% for name in get_columns_in_query(source_sql) -%}
        {{ 'snapshotted_data' if name in known else 'source_data' }}.{{ adapter.quote(name) }},
      {% endfor -%}
      {%- if strategy.unique_key | is_list -%}
        {%- for key in strategy.unique_key -%}
          snapshotted_data.{{ key }} as dbt_unique_key_{{ loop.index }},
        {% endfor -%}
      {%- else -%}
        snapshotted_data.dbt_unique_key as dbt_unique_key,
      {% endif -%}
      {{ snapshot_get_time() }} as {{ columns.dbt_valid_from }},
      {{ snapshot_get_time() }} as {{ columns.dbt_updated_at }},
      snapshotted_data.{{ columns.dbt_valid_to }} as {{ columns.dbt_valid_to }},
      {{ snapshot_hash_arguments([columns.dbt_scd_id, snapshot_get_time()]) }} as {{ columns.dbt_scd_id }},
      'True' as {{ columns.dbt_is_deleted }}
    from snapshotted_data
    left join deletes_source_data as source_data
      on {{ unique_key_join_on(strategy.unique_key, 'snapshotted_data', 'source_data') }}
    where {{ unique_key_is_null(strategy.unique_key, 'source_data') }}
    {{ dml_not_deleted_yet(columns) }}
{%- endmacro %}

{# A row that is gone is recorded once. #}
{% macro dml_not_deleted_yet(columns) -%}
  {%- set far = config.get('dbt_valid_to_current') -%}
    and not (
      snapshotted_data.{{ columns.dbt_is_deleted }} = 'True'
      and
      snapshotted_data.{{ columns.dbt_valid_to }} {{ '= ' ~ far if far else 'is null' }}
    )
{%- endmacro %}

{% macro build_snapshot_staging_table(strategy, sql, target_relation) %}
  {%- set staging = make_temp_relation(target_relation) -%}
  {%- set select = snapshot_staging_table(strategy, sql, target_relation) -%}
  {%- call statement('build_snapshot_staging_relation') -%}
    {{ create_table_as(True, staging, select) }}
  {%- endcall -%}
  {{ return(staging) }}
{% endmacro %}

{% macro snapshot_merge_sql(target, source, insert_cols) -%}
  {{ return(adapter.dispatch('snapshot_merge_sql', 'dbt')(target, source, insert_cols)) }}
{%- endmacro %}

{% macro default__snapshot_merge_sql(target, source, insert_cols) -%}
  {%- set columns = dml_snapshot_columns() -%}
  {%- set far = config.get('dbt_valid_to_current') -%}
  {%- set valid_to = 'DBT_INTERNAL_DEST.' ~ columns.dbt_valid_to -%}
  merge into {{ target.render() }} as DBT_INTERNAL_DEST
  using {{ source }} as DBT_INTERNAL_SOURCE
  on DBT_INTERNAL_SOURCE.{{ columns.dbt_scd_id }} = DBT_INTERNAL_DEST.{{ columns.dbt_scd_id }}
  when matched
    and {{ '(' ~ equals(valid_to, far | trim) ~ ' or ' ~ valid_to ~ ' is null)' if far else valid_to ~ ' is null' }}
    and DBT_INTERNAL_SOURCE.dbt_change_type in ('update', 'delete')
    then update
    set {{ columns.dbt_valid_to }} = DBT_INTERNAL_SOURCE.{{ columns.dbt_valid_to }}
  when not matched
    and DBT_INTERNAL_SOURCE.dbt_change_type = 'insert'
    then insert ({{ insert_cols | join(', ') }})
    values ({{ insert_cols | join(', ') }})
{%- endmacro %}

{% macro create_columns(relation, columns) %}
  {{ return(adapter.dispatch('create_columns', 'dbt')(relation, columns)) }}
{% endmacro %}

{% macro default__create_columns(relation, columns) %}
  {%- for column in columns -%}
    {%- call statement() -%}
      alter table {{ relation.render() }} add column {{ adapter.quote(column.name) }} {{ column.expanded_data_type }};
    {%- endcall -%}
  {%- endfor -%}
{% endmacro %}

{# For an adapter that must clear away the staging table itself. #}
{% macro post_snapshot(staging_relation) %}
  {{ return(adapter.dispatch('post_snapshot', 'dbt')(staging_relation)) }}
{% endmacro %}

{% macro default__post_snapshot(staging_relation) %}
{% endmacro %}

{# Times of two types in one column would be compared wrongly: a warning, as the table may already be so. #}
{% macro check_time_data_types(sql) %}
  {%- set updated_at = get_updated_at_column_data_type(sql) -%}
  {%- set now = get_snapshot_get_time_data_type() -%}
  {%- if updated_at is not none and now is not none and updated_at != now -%}
    {%- do exceptions.warn_snapshot_timestamp_data_types(now, updated_at) -%}
  {%- endif -%}
{% endmacro %}

{% macro get_updated_at_column_data_type(snapshot_sql) %}
  {%- for column in get_column_schema_from_query(snapshot_sql) | selectattr('column', 'in', ['dbt_updated_at', 'DBT_UPDATED_AT']) -%}
    {{ return(column.dtype or none) }}
  {%- endfor -%}
  {{ return(none) }}
{% endmacro %}

{# A snapshot's key is one expression, or a list of them. #}
{% macro unique_key_fields(unique_key) -%}
  {%- if unique_key | is_list -%}
    {%- for key in unique_key -%}
      {{ key }} as dbt_unique_key_{{ loop.index }}{{ ' , ' if not loop.last }}
    {%- endfor -%}
  {%- else -%}
    {{ unique_key }} as dbt_unique_key
  {%- endif -%}
{%- endmacro %}

{% macro unique_key_join_on(unique_key, identifier, from_identifier) -%}
  {%- if unique_key | is_list -%}
    {%- for key in unique_key -%}
      {%- set name = '.dbt_unique_key_' ~ loop.index -%}
      {{ equals(identifier ~ name, from_identifier ~ name) }}{{ ' and ' if not loop.last }}
    {%- endfor -%}
  {%- else -%}
    {{ identifier }}.dbt_unique_key = {{ from_identifier }}.dbt_unique_key
  {%- endif -%}
{%- endmacro %}

{% macro unique_key_is_null(unique_key, identifier) -%}
  {{ identifier }}.dbt_unique_key{{ '_1' if unique_key | is_list }} is null
{%- endmacro %}

{% macro unique_key_is_not_null(unique_key, identifier) -%}
  {{ identifier }}.dbt_unique_key{{ '_1' if unique_key | is_list }} is not null
{%- endmacro %}
