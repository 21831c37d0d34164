{# Making tables and views. A DuckLake table may be partitioned and sorted: it is created empty, altered and then filled. #}

{% macro create_table_as(temporary, relation, compiled_code, language='sql', partitioned_by=none, sorted_by=none) -%}
  {{ return(adapter.dispatch('create_table_as', 'dbt')(temporary, relation, compiled_code, language, partitioned_by, sorted_by)) }}
{%- endmacro %}

{% macro duckdb__create_table_as(temporary, relation, compiled_code, language='sql', partitioned_by=none, sorted_by=none) -%}
  {%- if language == 'python' -%}
    {{ return(py_write_table(temporary=temporary, relation=relation, compiled_code=compiled_code, partitioned_by=partitioned_by, sorted_by=sorted_by)) }}
  {%- elif language != 'sql' -%}
    {%- do exceptions.raise_compiler_error('DuckDB models are written in sql or python, not ' ~ language) -%}
  {%- endif -%}
  {%- set contract = config.get('contract') -%}
  {%- set subquery -%}
    select * from (
      {{ compiled_code }}
    ) as model_subq
  {%- endset -%}
  {{ get_assert_columns_equivalent(compiled_code) if contract.enforced }}
  {{ config.get('sql_header', none) or '' }}
  create {{ 'temporary ' if temporary }}table {{ relation.include(database=not temporary, schema=not temporary) }}
  {%- if contract.enforced and not temporary %}
    {{ get_table_columns_and_constraints() }} ;
    {{ dml_set_layout(relation, partitioned_by, sorted_by) }}
    insert into {{ relation }} {{ get_column_names() }} (
      {{ get_select_subquery(compiled_code) }}
    );
  {%- elif partitioned_by or sorted_by %}
    as (
      {{ subquery }}
      limit 0
    );
    {{ dml_set_layout(relation, partitioned_by, sorted_by) }}
    insert into {{ relation }}
    {{ subquery }};
  {%- else %}
    as (
      {{ compiled_code }}
    );
  {%- endif -%}
{%- endmacro %}

{% macro dml_set_layout(relation, partitioned_by, sorted_by) -%}
  {%- if partitioned_by -%}
    {{ duckdb__alter_table_set_partitioned_by(relation, partitioned_by) }}
  {% endif -%}
  {%- if sorted_by -%}
    {{ duckdb__alter_table_set_sorted_by(relation, sorted_by) }}
  {%- endif -%}
{%- endmacro %}

{% macro duckdb__alter_table_set_partitioned_by(relation, partitioned_by) -%}
  alter table {{ relation }} set partitioned by ({{ partitioned_by }});
{%- endmacro %}

{% macro duckdb__alter_table_set_sorted_by(relation, sorted_by) -%}
  alter table {{ relation }} set sorted by ({{ sorted_by }});
{%- endmacro %}

{# The columns of a contract as an insert's list. #}
{% macro get_column_names() %}
  ( {{ default__get_column_names() | trim }} )
{% endmacro %}

{% macro duckdb__create_view_as(relation, sql) -%}
  {%- set contract = config.get('contract') -%}
  {{ get_assert_columns_equivalent(sql) if contract.enforced }}
  {{ config.get('sql_header', none) or '' }}
  create view {{ relation }} as (
    {{ sql }}
  );
{%- endmacro %}

{# Expressions, as the user wrote them. #}
{% macro duckdb__get_partitioned_by(relation, temporary) -%}
  {%- set columns = dml_layout_columns(relation, temporary, ['partitioned_by', 'partition_by']) -%}
  {{ return(none if columns is none else columns | join(', ')) }}
{%- endmacro %}

{# Names, quoted. #}
{% macro duckdb__get_sorted_by(relation, temporary) -%}
  {%- set columns = dml_layout_columns(relation, temporary, ['sorted_by', 'sort_by']) -%}
  {%- if columns is none -%}
    {{ return(none) }}
  {%- endif -%}
  {%- set quoted = [] -%}
  {%- for name in columns -%}
    {%- do quoted.append(adapter.quote(name)) -%}
  {%- endfor -%}
  {{ return(quoted | join(', ')) }}
{%- endmacro %}

{# The list under the first of the keys that is set; None for helpers of the model's relation and for databases without layouts. #}
{% macro dml_layout_columns(relation, temporary, keys) %}
  {%- set set_keys = [config.get(keys[0], none), config.get(keys[1], none)] | reject('in', [none, '']) | list -%}
  {%- if temporary or not set_keys -%}
    {{ return(none) }}
  {%- endif -%}
  {%- set label = keys | join('/') -%}
  {%- set columns = normalize_string_or_list(set_keys[0], label) -%}
  {%- if not columns -%}
    {%- do exceptions.raise_compiler_error(label ~ ' must contain at least one column') -%}
  {%- endif -%}
  {%- if this is defined and config.get('materialized') in ['table', 'incremental'] and relation.identifier and relation.identifier != this.identifier -%}
    {{ return(none) }}
  {%- endif -%}
  {%- if not adapter.is_ducklake(relation) -%}
    {%- do adapter.warn_once(label ~ ' is only supported for DuckLake relations; ignoring for ' ~ relation) -%}
    {{ return(none) }}
  {%- endif -%}
  {{ return(columns) }}
{% endmacro %}

{# A list of texts from a config that may be one text, a list or nothing. #}
{% macro normalize_string_or_list(raw, field_name) -%}
  {%- if raw is none -%}
    {{ return([]) }}
  {%- elif raw is string -%}
    {{ return([raw]) }}
  {%- elif raw is mapping or raw is not sequence -%}
    {%- do exceptions.raise_compiler_error(field_name ~ ' must be a list of strings or a string') -%}
  {%- elif raw | reject('string') | list -%}
    {%- do exceptions.raise_compiler_error(field_name ~ ' list values must be non-empty strings') -%}
  {%- endif -%}
  {{ return(raw | list) }}
{%- endmacro %}

{% macro py_write_table(temporary, relation, compiled_code, partitioned_by=none, sorted_by=none) -%}
{{ compiled_code }}

def materialize(df, con):
    try:
        import pyarrow
        if isinstance(df, pyarrow.Table):
            import pyarrow.dataset  # DuckDB looks for it when it scans a table of Arrow's
    except ImportError:
        pass
    source = '__dbt_python_model_df_' + '{{ relation.identifier }}'
    con.register(source, df)
    {%- if partitioned_by or sorted_by %}
    con.execute('create table {{ relation }} as select * from ' + source + ' limit 0')
    {%- if partitioned_by %}
    con.execute('alter table {{ relation }} set partitioned by ({{ partitioned_by }})')
    {%- endif %}
    {%- if sorted_by %}
    con.execute('alter table {{ relation }} set sorted by ({{ sorted_by }})')
    {%- endif %}
    con.execute('insert into {{ relation }} select * from ' + source)
    {%- else %}
    con.execute('create table {{ relation }} as select * from ' + source)
    {%- endif %}
    con.unregister(source)
{% endmacro %}
