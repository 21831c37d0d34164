{# What Postgres knows of its relations: catalogue, dependencies, grants, comments. #}

{% macro postgres__get_catalog(information_schema, schemas) -%}
  {%- set wanted = [] -%}
  {%- for schema in schemas -%}
    {%- do wanted.append({'schema': schema}) -%}
  {%- endfor -%}
  {{ return(postgres__get_catalog_relations(information_schema, wanted)) }}
{%- endmacro %}

{# Permanent and unlogged tables, views, foreign and partitioned tables and materialized views; a row per live column. #}
{% macro postgres__get_catalog_relations(information_schema, relations) -%}
  {{ adapter.verify_database(information_schema.database) }}
  {%- call statement('catalog', fetch_result=True) -%}
    select
      '{{ information_schema.database }}' as table_database,
      n.nspname as table_schema,
      c.relname as table_name,
      case c.relkind when 'v' then 'VIEW' when 'm' then 'MATERIALIZED VIEW' else 'BASE TABLE' end as table_type,
      obj_description(c.oid, 'pg_class') as table_comment,
      a.attname as column_name,
      a.attnum as column_index,
      pg_catalog.format_type(a.atttypid, a.atttypmod) as column_type,
      col_description(c.oid, a.attnum) as column_comment,
      pg_get_userbyid(c.relowner) as table_owner
    from pg_catalog.pg_class c
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where c.relkind in ('r', 'v', 'f', 'p', 'm')
      and c.relpersistence in ('p', 'u')
      and not pg_is_other_temp_schema(n.oid)
      and (
        {% for relation in relations -%}
          {{ 'or ' if not loop.first }}(upper(n.nspname) = upper('{{ relation.schema }}')
          {{- " and upper(c.relname) = upper('" ~ relation.identifier ~ "')" if relation.identifier }})
        {% else -%}
          false
        {% endfor -%}
      )
    order by n.nspname, c.relname, a.attnum
  {%- endcall -%}
  {{ return(load_result('catalog').table) }}
{%- endmacro %}

{# Which view reads which relation: by way of the rewrite rule that every view has, which depends on what the view reads. #}
{% macro postgres__get_relations() -%}
  {%- call statement('relations', fetch_result=True) -%}
    select distinct
      view_schema.nspname as dependent_schema,
      view_class.relname as dependent_name,
      read_schema.nspname as referenced_schema,
      read_class.relname as referenced_name
    from pg_rewrite
    join pg_class as view_class on view_class.oid = pg_rewrite.ev_class
    join pg_namespace as view_schema on view_schema.oid = view_class.relnamespace
    join pg_depend on pg_depend.classid = 'pg_rewrite'::regclass
      and pg_depend.objid = pg_rewrite.oid
      and pg_depend.refclassid = 'pg_class'::regclass
      and pg_depend.refobjid != view_class.oid
    join pg_class as read_class on read_class.oid = pg_depend.refobjid
    join pg_namespace as read_schema on read_schema.oid = read_class.relnamespace
    where read_schema.nspname != 'information_schema' and read_schema.nspname not like 'pg\_%'
    order by 1, 2, 3, 4
  {%- endcall -%}
  {{ return(load_result('relations').table) }}
{%- endmacro %}

{% macro postgres_get_relations() %}
  {{ return(postgres__get_relations()) }}
{% endmacro %}

{# A table that was rebuilt has no grants. #}
{% macro postgres__copy_grants() %}
  {{ return(False) }}
{% endmacro %}

{% macro postgres__get_show_grant_sql(relation) -%}
  select grantee, privilege_type
  from {{ relation.information_schema('role_table_grants') }}
  where grantor = current_role
    and grantee != current_role
    and table_schema = '{{ relation.schema }}'
    and table_name = '{{ relation.identifier }}'
{%- endmacro %}

{# Comments, in a quote that no text closes by accident. #}
{% macro postgres_escape_comment(comment) -%}
  {%- set mark = '$dbt_comment_literal_block$' -%}
  {%- if comment is not string -%}
    {%- do exceptions.raise_compiler_error('cannot escape a non-string: ' ~ comment) -%}
  {%- elif mark in comment -%}
    {%- do exceptions.raise_compiler_error('The string ' ~ mark ~ ' is not allowed in comments.') -%}
  {%- endif -%}
  {{ mark }}{{ comment }}{{ mark }}
{%- endmacro %}

{% macro postgres__alter_relation_comment(relation, comment) -%}
  comment on {{ relation.type | replace('_', ' ') }} {{ relation }} is {{ postgres_escape_comment(comment) }};
{%- endmacro %}

{% macro postgres__alter_column_comment(relation, column_dict) -%}
  {%- set existing = adapter.get_columns_in_relation(relation) | map(attribute='name') | list -%}
  {%- for name, column in column_dict.items() if name in existing %}
  comment on column {{ relation }}.{{ adapter.quote(name) if column['quote'] else name }} is {{ postgres_escape_comment(column['description']) }};
  {%- endfor -%}
{%- endmacro %}
