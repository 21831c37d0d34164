{# External models: the rows live in files, the relation is a view of them. #}

{% materialization external, adapter='duckdb', supported_languages=['sql', 'python'] %}
  {%- set location = render(config.get('location', default=external_location(this, config))) -%}
  {%- set options = render_write_options(config) -%}
  {%- set incremental = is_incremental() -%}
  {%- set keys = dml_external_keys(options) if config.get('incremental_strategy') else [] -%}
  {%- if config.get('incremental_strategy') and options.get('partition_by') and not (options.keys() | select('in', ['overwrite', 'overwrite_or_ignore', 'append']) | list) -%}
    {%- do options.update({'overwrite': 1}) -%}
  {%- endif -%}
  {%- set write_options = adapter.external_write_options(location, options) -%}
  {%- set format = dml_external_format(options) -%}
  {%- set read_location = adapter.external_read_location(location, options) -%}
  {%- set language = model['language'] -%}

  {%- set target_relation = this.incorporate(type='view') -%}
  {%- set existing = load_cached_relation(this) -%}
  {%- set staging = make_intermediate_relation(this.incorporate(type='table'), suffix='__dbt_tmp') -%}
  {%- set view = make_intermediate_relation(target_relation, suffix='__dbt_int') -%}
  {%- set fresh = make_intermediate_relation(this.incorporate(type='table'), suffix='__dml_new') -%}
  {%- set backup = make_backup_relation(target_relation, 'table' if existing is none else existing.type) -%}
  {%- for leftover in [view, staging, fresh, backup] -%}
    {{ drop_relation_if_exists(load_cached_relation(leftover)) }}
  {%- endfor -%}

  {{ run_hooks(pre_hooks, inside_transaction=False) }}
  {{ run_hooks(pre_hooks, inside_transaction=True) }}

  {%- call statement('create_table', language=language) -%}
    {{ create_table_as(False, fresh if incremental else staging, compiled_code, language) }}
  {%- endcall -%}
  {%- if incremental -%}
    {#- All rows are in tables before a file is touched: what is read is never what is being written. -#}
    {%- call statement('keep_rows', language='sql') -%}
      create table {{ staging }} as (
        {{ dml_kept_rows(existing, fresh, keys) }}
        union all by name
        select * from {{ fresh }}
      )
    {%- endcall -%}
    {{ drop_relation_if_exists(fresh) }}
  {%- endif -%}
  {%- set empty = run_query('select count(*) as row_count from ' ~ staging)[0][0] == 0 -%}
  {%- set columns = get_columns_in_relation(staging) if empty else [] -%}
  {#- A file without rows may have no columns: it gets one row of nulls, which the view leaves out again. -#}
  {%- if empty -%}
    {%- call statement('main', language='sql') -%}
      insert into {{ staging }} values ({{ (['NULL'] * (columns | length)) | join(', ') }})
    {%- endcall -%}
  {%- endif -%}
  {{ write_to_file(staging, location, write_options) }}
  {%- call statement('main', language='sql') -%}
    create or replace view {{ view }} as (
      {{ dml_read_files(format, read_location, options) }}
      {%- if empty %}
      where 1
      {%- for column in columns %} AND {{ column.quoted }} is not NULL{% endfor %}
      {%- endif %}
    );
  {%- endcall -%}

  {%- if existing is not none -%}
    {{ adapter.rename_relation(existing, backup) }}
  {%- endif -%}
  {{ adapter.rename_relation(view, target_relation) }}
  {{ run_hooks(post_hooks, inside_transaction=True) }}
  {%- do apply_grants(target_relation, config.get('grants'), should_revoke=should_revoke(existing, full_refresh_mode=True)) -%}
  {%- do persist_docs(target_relation, model) -%}
  {{ adapter.commit() }}
  {{ drop_relation_if_exists(backup) }}
  {{ drop_relation_if_exists(staging) }}

  {%- set glue = config.get('glue_register', default=false) -%}
  {%- set plugin = 'glue|' ~ config.get('glue_database', 'default') if glue else config.get('plugin') -%}
  {%- if plugin is not none -%}
    {%- do store_relation(plugin, target_relation, location, format, config) -%}
  {%- endif -%}
  {{ run_hooks(post_hooks, inside_transaction=False) }}
  {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{# The columns by which new rows take the place of old ones: none where all are kept. #}
{% macro dml_external_keys(options) %}
  {%- set strategy = config.get('incremental_strategy') -%}
  {%- set by_partition = strategy == 'insert_overwrite' -%}
  {%- if strategy not in ['append', 'delete+insert', 'insert_overwrite'] -%}
    {%- do exceptions.raise_compiler_error("External models know the incremental strategies append, delete+insert and insert_overwrite, not '" ~ strategy ~ "'") -%}
  {%- endif -%}
  {%- set partitions = (options.get('partition_by') or '').strip('() ').split(',') | map('trim') | select | list -%}
  {%- set keys = partitions if by_partition else normalize_string_or_list(config.get('unique_key'), 'unique_key') -%}
  {%- if strategy != 'append' and not keys -%}
    {%- do exceptions.raise_compiler_error("The incremental strategy '" ~ strategy ~ "' of an external model needs " ~ ('options.partition_by' if by_partition else 'unique_key')) -%}
  {%- endif -%}
  {{ return([] if strategy == 'append' else keys) }}
{% endmacro %}

{# The rows of the files that no new row takes the place of. #}
{% macro dml_kept_rows(existing, fresh, keys) -%}
  select * from {{ existing }} as kept
  {%- if keys %}
  where not exists (
    select 1 from {{ fresh }} as fresh
    where {% for key in keys %}kept.{{ key }} is not distinct from fresh.{{ key }}{{ ' and ' if not loop.last }}{% endfor %}
  )
  {%- endif -%}
{%- endmacro %}

{% macro dml_external_format(options) %}
  {%- set known = ['csv', 'parquet', 'json'] -%}
  {%- set wanted = config.get('format') -%}
  {%- if wanted and wanted not in known -%}
    {%- do exceptions.raise_compiler_error('Invalid format: ' ~ wanted ~ '. Allowed formats are: ' ~ (known | join(', '))) -%}
  {%- endif -%}
  {%- set found = wanted or options['format'] | lower -%}
  {{ return(found if found in known else 'parquet') }}
{% endmacro %}

{# A select over the files, with the read options of the format's config. #}
{% macro dml_read_files(format, location, options) -%}
  {%- set usual = {'union_by_name': False} if format == 'parquet' else {'auto_detect': True} -%}
  {%- set read_options = config.get(format ~ '_read_options', usual) -%}
  {%- if format != 'parquet' and options.get('compression') and 'compression' not in read_options -%}
    {%- set read_options = dict(read_options, compression=options['compression']) -%}
  {%- endif -%}
  select * from read_{{ format }}('{{ location }}'
  {%- for key, value in read_options.items() -%}
    , {{ key }}={{ "'" ~ value ~ "'" if value is string else value }}
  {%- endfor -%}
  )
{%- endmacro %}

{% materialization table_function, adapter='duckdb' %}
  {#- `create or replace` is the whole swap: callers see the old function or the new one. -#}
  {%- set target_relation = api.Relation.create(database=database, schema=schema, identifier=model['alias'], type='view') -%}
  {%- set parameters = config.get('parameters') -%}
  {{ run_hooks(pre_hooks, inside_transaction=False) }}
  {{ run_hooks(pre_hooks, inside_transaction=True) }}
  {%- call statement('main') -%}
    create or replace function {{ target_relation.render() }}(
      {{ (parameters if parameters is string or parameters is number else parameters | join(', ')) if parameters }}
    ) as table (
      {{ sql }});
  {%- endcall -%}
  {{ run_hooks(post_hooks, inside_transaction=True) }}
  {%- do persist_docs(target_relation, model) -%}
  {{ adapter.commit() }}
  {{ run_hooks(post_hooks, inside_transaction=False) }}
  {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{% macro location_exists(location) -%}
  {{ return(adapter.location_exists(location)) }}
{%- endmacro %}

{% macro write_to_file(relation, location, options) -%}
  {%- call statement('write_to_file') -%}
    copy {{ relation }} to '{{ location }}' ({{ options }})
  {%- endcall -%}
{%- endmacro %}

{% macro store_relation(plugin, relation, location, format, config) -%}
  {%- do adapter.store_relation(plugin, relation, adapter.get_columns_in_relation(relation), location, format, config) -%}
{%- endmacro %}

{# The `options` config with its values rendered, format and delimiter included. #}
{% macro render_write_options(config) -%}
  {%- set options = config.get('options', {}) -%}
  {%- if options is not mapping -%}
    {%- do exceptions.raise_compiler_error('The options argument must be a dictionary') -%}
  {%- endif -%}
  {%- set rendered = {} -%}
  {%- for key, value in options.items() -%}
    {%- do rendered.update({key: render(value)}) -%}
  {%- endfor -%}
  {%- for key in ['format', 'delimiter'] if config.get(key) -%}
    {%- do rendered.update({key: render(config.get(key))}) -%}
  {%- endfor -%}
  {{ return(rendered) }}
{%- endmacro %}

{# A file under the external root, or a folder where the rows are partitioned. #}
{% macro external_location(relation, config) -%}
  {%- set partitioned = config.get('options', {}).get('partition_by') is not none -%}
  {{ adapter.external_root() }}/{{ relation.identifier }}{{ '.' ~ config.get('format', 'parquet') if not partitioned }}
{%- endmacro %}

{# For on-run-start: the views of external models that this run reads but does not build, in a database that may be new. #}
{% macro register_upstream_external_models() -%}
  {%- set seen, schemas = [], [] -%}
  {%- for id in selected_resources if execute and id in graph['nodes'] -%}
    {%- for upstream_id in graph['nodes'][id]['depends_on']['nodes'] if upstream_id not in selected_resources and upstream_id not in seen -%}
      {%- do seen.append(upstream_id) -%}
      {%- set upstream = graph['nodes'].get(upstream_id) -%}
      {%- if upstream and upstream.resource_type in ['model', 'seed'] and upstream.config.materialized == 'external' -%}
        {%- set relation = api.Relation.create(database=upstream['database'], schema=upstream['schema'], identifier=upstream['alias']) -%}
        {%- set location = upstream.config.get('location', external_location(relation, upstream.config)) -%}
        {%- set files = adapter.external_read_location(location, render_write_options(upstream.config)) -%}
        {%- if relation.schema not in schemas -%}
          {%- call statement('main', language='sql') -%}
            create schema if not exists {{ relation.without_identifier() }}
          {%- endcall -%}
          {%- do schemas.append(relation.schema) -%}
        {%- endif -%}
        {%- call statement('main', language='sql') -%}
          create or replace view {{ relation }} as (
            select * from '{{ files }}'
          );
        {%- endcall -%}
      {%- endif -%}
    {%- endfor -%}
  {%- endfor -%}
  {%- if schemas -%}
    {%- do adapter.commit() -%}
  {%- endif -%}
{%- endmacro %}
