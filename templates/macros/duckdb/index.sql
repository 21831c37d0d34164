{# Indexes, and the foreign keys that keep DuckDB from replacing a table: it neither drops nor renames one that others reference. #}

{% macro duckdb__get_create_index_sql(relation, index_dict) -%}
  {%- set index = adapter.parse_index(index_dict) -%}
  create {{ 'unique ' if index.unique }}index
  "{{ index.render(relation) }}"
  on {{ relation }}
  ({{ index.columns | join(', ') }});
{%- endmacro %}

{# A table with indexes cannot be renamed. #}
{% macro drop_indexes_on_relation(relation) -%}
  {%- call statement('get_indexes_on_relation', fetch_result=True, auto_begin=False) -%}
    select index_name
    from duckdb_indexes()
    where database_name = '{{ relation.database }}' and schema_name = '{{ relation.schema }}' and table_name = '{{ relation.identifier }}'
  {%- endcall -%}
  {%- for row in load_result('get_indexes_on_relation').table -%}
    {%- call statement('drop_index_' ~ loop.index, auto_begin=false) -%}
      drop index {{ relation.incorporate(path={'identifier': row[0]}).render() }}
    {%- endcall -%}
  {%- endfor -%}
{%- endmacro %}

{# The types of the constraints that the model's contract enforces. #}
{% macro enforced_constraint_types() -%}
  {%- set contract = config.get('contract') -%}
  {%- if not contract or not contract.enforced -%}
    {{ return([]) }}
  {%- endif -%}
  {%- set constraints = [] + (model.get('constraints') or []) -%}
  {%- for column in (model.get('columns') or {}).values() -%}
    {%- do constraints.extend(column.get('constraints') or []) -%}
  {%- endfor -%}
  {{ return(constraints | map(attribute='type') | list) }}
{%- endmacro %}

{% macro existing_constraint_types(relation) -%}
  {{ return(adapter.existing_key_constraint_types(relation) if relation is not none and relation.is_table else []) }}
{%- endmacro %}

{% macro has_foreign_key_constraints(relation=none) -%}
  {{ return(adapter.catalog_supports_foreign_keys(this.database) and 'foreign_key' in enforced_constraint_types() + existing_constraint_types(relation)) }}
{%- endmacro %}

{% macro may_be_foreign_key_target(relation=none) -%}
  {%- if not adapter.catalog_supports_foreign_keys(this.database) -%}
    {{ return(false) }}
  {%- endif -%}
  {%- set types = enforced_constraint_types() + existing_constraint_types(relation) -%}
  {{ return('primary_key' in types or 'unique' in types) }}
{%- endmacro %}

{# Drops a table that is about to be made anew; answers the tables that had to give way for it. #}
{% macro drop_relation_for_rebuild(relation) -%}
  {%- do adapter.ensure_transaction() -%}
  {%- set dropped = drop_foreign_key_dependents(relation) if relation.is_table and may_be_foreign_key_target(relation) else [] -%}
  {%- do adapter.drop_relation(relation) -%}
  {{ return(dropped) }}
{%- endmacro %}

{# Moves the tables that reference this one out of the way, rows kept, provided this run builds each of them again later. #}
{% macro drop_foreign_key_dependents(relation) -%}
  {%- set found = dml_foreign_key_dependents(relation) -%}
  {%- set problems = dml_foreign_key_problems(relation, found) -%}
  {%- if problems -%}
    {%- do exceptions.raise_compiler_error(
      'Cannot replace ' ~ relation ~ ' because DuckDB does not allow replacing a table that a foreign key references, and only '
      ~ 'referencing tables that this run will rebuild can be dropped. Problem tables: ' ~ (problems | join('; '))
    ) -%}
  {%- endif -%}
  {%- set dropped = [] -%}
  {%- for table in found -%}
    {%- set dependent = api.Relation.create(database=relation.database, schema=relation.schema, identifier=table, type='table') -%}
    {%- set backup = dependent.incorporate(path={'identifier': table ~ '__dbt_fk_backup'}) -%}
    {%- do adapter.drop_relation(backup) -%}
    {%- call statement('backup_foreign_key_dependent_' ~ loop.index) -%}
      create table {{ backup }} as select * from {{ dependent }}
    {%- endcall -%}
    {{ log('Dropping ' ~ dependent ~ ' because it references ' ~ relation ~ ' through a foreign key; it is rebuilt later in this run', info=True) }}
    {%- do adapter.drop_relation(dependent) -%}
    {%- do dropped.append({'relation': dependent, 'backup': backup}) -%}
  {%- endfor -%}
  {{ return(dropped) }}
{%- endmacro %}

{# The tables that reference this one, directly or not, the farthest first, each with the names it references in lower case. #}
{% macro dml_foreign_key_dependents(relation) %}
  {%- set here = "lower(database_name) = lower('" ~ adapter.escape_sql_string(relation.database)
    ~ "') and lower(schema_name) = lower('" ~ adapter.escape_sql_string(relation.schema) ~ "')" -%}
  {%- call statement('get_foreign_key_dependents', fetch_result=True) -%}
    with recursive edges as (
      select distinct table_name, lower(table_name) as child, lower(referenced_table) as parent
      from duckdb_constraints()
      where constraint_type = 'FOREIGN KEY' and {{ here }} and lower(table_name) <> lower(referenced_table)
    ),
    reached(child, depth) as (
      select child, 1 from edges where parent = lower('{{ adapter.escape_sql_string(relation.identifier) }}')
      union
      select edges.child, reached.depth + 1 from edges join reached on edges.parent = reached.child
    )
    select edges.table_name, max(reached.depth) as depth, edges.parent
    from reached join edges using (child)
    group by all
    order by depth desc, edges.table_name, edges.parent
  {%- endcall -%}
  {%- set found = {} -%}
  {%- for row in load_result('get_foreign_key_dependents').table -%}
    {%- do found.setdefault(row[0], []).append(row[2]) -%}
  {%- endfor -%}
  {{ return(found) }}
{% endmacro %}

{# Why some of them cannot be dropped: their rows would not come back. #}
{% macro dml_foreign_key_problems(relation, found) %}
  {%- set nodes, ids = {}, {relation.identifier | lower: model.unique_id} -%}
  {%- for node in graph.nodes.values() | selectattr('resource_type', 'equalto', 'model') -%}
    {%- set table = (node.alias or node.name) | lower -%}
    {%- if (node.database or '') | lower == (relation.database or '') | lower and node.schema | lower == relation.schema | lower
        and table in found.keys() | map('lower') | list -%}
      {%- do nodes.update({table: node}) -%}
      {%- do ids.update({table: node.unique_id}) -%}
    {%- endif -%}
  {%- endfor -%}
  {%- set problems = [] -%}
  {%- for table, parents in found.items() -%}
    {%- set node = nodes.get(table | lower) -%}
    {%- set refs = [] -%}
    {%- for parent in parents if node and ids.get(parent) in node.depends_on.nodes -%}
      {%- do refs.append(parent) -%}
    {%- endfor -%}
    {%- if not node -%}
      {%- do problems.append(table ~ ' (not built by a model of this project)') -%}
    {%- elif node.unique_id not in selected_resources -%}
      {%- do problems.append(table ~ ' (model ' ~ node.name ~ ' is not selected in this run)') -%}
    {%- elif not refs -%}
      {%- do problems.append(table ~ ' (model ' ~ node.name ~ ' does not ref() the table its foreign key points at, so it may not be rebuilt afterwards; use `to: ref(...)` in the constraint)') -%}
    {%- elif node.config.materialized == 'incremental' -%}
      {%- if not (flags.FULL_REFRESH if node.config.full_refresh is none else node.config.full_refresh) -%}
        {%- do problems.append(table ~ ' (model ' ~ node.name ~ ' is materialized as incremental and would lose its data; run with --full-refresh)') -%}
      {%- endif -%}
    {%- elif node.config.materialized != 'table' -%}
      {%- do problems.append(table ~ ' (model ' ~ node.name ~ ' is materialized as ' ~ node.config.materialized ~ ' and would lose its data)') -%}
    {%- endif -%}
  {%- endfor -%}
  {{ return(problems) }}
{% endmacro %}

{# Puts the rows back, without constraints: the tables' own builds bring those. #}
{% macro restore_foreign_key_dependents(dropped) -%}
  {%- for item in dropped | reverse -%}
    {{ log('Restoring data for ' ~ item['relation'] ~ '; its constraints are rebuilt later in this run', info=True) }}
    {%- do adapter.rename_relation(item['backup'], item['relation']) -%}
  {%- endfor -%}
{%- endmacro %}
