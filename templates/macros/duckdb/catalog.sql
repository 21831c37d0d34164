{# The catalogue of one database, a row per column. #}

{% macro duckdb__get_catalog(information_schema, schemas) -%}
  {{ return(dml_catalog(information_schema, duckdb__get_catalog_schemas_where_clause_sql(schemas))) }}
{%- endmacro %}

{% macro duckdb__get_catalog_relations(information_schema, relations) -%}
  {{ return(dml_catalog(information_schema, duckdb__get_catalog_relations_where_clause_sql(relations))) }}
{%- endmacro %}

{% macro dml_catalog(information_schema, where) %}
  {%- set query -%}
    with tables as (
      {{ duckdb__get_catalog_tables_sql(information_schema) }}
      {{ where }}
    ),
    columns as (
      {{ duckdb__get_catalog_columns_sql(information_schema) }}
      {{ where }}
    )
    {{ duckdb__get_catalog_results_sql() }}
  {%- endset -%}
  {{ return(run_query(query)) }}
{% endmacro %}

{% macro duckdb__get_catalog_tables_sql(information_schema) -%}
  select *
  from (
    select database_name as table_database, schema_name as table_schema, table_name, 'BASE TABLE' as table_type, comment as table_comment
    from duckdb_tables()
    where upper(database_name) = upper('{{ information_schema.database }}')
    union all
    select database_name, schema_name, view_name, 'VIEW', comment
    from duckdb_views()
    where upper(database_name) = upper('{{ information_schema.database }}')
  ) catalog_tables
{%- endmacro %}

{% macro duckdb__get_catalog_columns_sql(information_schema) -%}
  select *
  from (
    select
      database_name as table_database,
      schema_name as table_schema,
      table_name,
      column_name,
      column_index,
      data_type as column_type,
      comment as column_comment
    from duckdb_columns()
    where upper(database_name) = upper('{{ information_schema.database }}')
  ) catalog_columns
{%- endmacro %}

{% macro duckdb__get_catalog_results_sql() -%}
  select
    table_database, table_schema, table_name, table_type, table_comment,
    column_name, column_index, column_type, column_comment,
    null as table_owner
  from tables
  join columns using (table_database, table_schema, table_name)
  order by table_schema, table_name, column_index
{%- endmacro %}

{% macro duckdb__get_catalog_schemas_where_clause_sql(schemas) -%}
  where {% for schema in schemas -%}
    {{ '(' if loop.first }}upper(table_schema) = upper('{{ schema }}'){{ ')' if loop.last else ' or ' }}
  {%- else %}1 = 0{% endfor %}
{%- endmacro %}

{% macro duckdb__get_catalog_relations_where_clause_sql(relations) -%}
  {%- if relations | rejectattr('schema') | list -%}
    {%- do exceptions.raise_compiler_error('`get_catalog_relations` requires a list of relations, each with a schema') -%}
  {%- endif -%}
  where {% for relation in relations -%}
    {{ '(' if loop.first -}}
    (upper(table_schema) = upper('{{ relation.schema }}'){{ " and upper(table_name) = upper('" ~ relation.identifier ~ "')" if relation.identifier }})
    {{- ')' if loop.last else ' or ' }}
  {%- else %}1 = 0{% endfor %}
{%- endmacro %}

{# Comments, in a quote that no text closes by accident. #}
{% macro duckdb_escape_comment(comment) -%}
  {%- set mark = '$dbt_comment_literal_block$' -%}
  {%- if comment is not string -%}
    {%- do exceptions.raise_compiler_error('cannot escape a non-string: ' ~ comment) -%}
  {%- elif mark in comment -%}
    {%- do exceptions.raise_compiler_error('The string ' ~ mark ~ ' is not allowed in comments.') -%}
  {%- endif -%}
  {{ mark }}{{ comment }}{{ mark }}
{%- endmacro %}

{% macro duckdb__alter_relation_comment(relation, comment) -%}
  comment on {{ relation.type }} {{ relation }} is {{ duckdb_escape_comment(comment) }};
{%- endmacro %}

{% macro duckdb__alter_column_comment(relation, column_dict) -%}
  {%- set existing = adapter.get_columns_in_relation(relation) | map(attribute='name') | list -%}
  {%- for name, column in column_dict.items() if name in existing %}
  comment on column {{ relation }}.{{ adapter.quote(name) if column['quote'] else name }} is {{ duckdb_escape_comment(column['description']) }};
  {%- endfor -%}
{%- endmacro %}
