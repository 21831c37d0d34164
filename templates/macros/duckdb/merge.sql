{# merge, with DuckDB's configs: either the simple ones (merge_update_columns, merge_update_condition, ...) or merge_clauses, which
   spells out every `when`. #}

{% macro duckdb__get_incremental_merge_sql(args_dict) %}
  {%- set predicates = normalize_incremental_predicates(args_dict.get('incremental_predicates')) -%}
  {{ return(duckdb__get_merge_sql(args_dict['target_relation'], args_dict['temp_relation'], args_dict['unique_key'], args_dict['dest_columns'], predicates)) }}
{% endmacro %}

{% macro duckdb__get_merge_sql(target, source, unique_key, dest_columns, incremental_predicates=none) -%}
  {{ validate_merge_config(config, target) }}
  {%- set columns, excluded, expressions = config.get('merge_update_columns', []), config.get('merge_exclude_columns', []), config.get('merge_update_set_expressions', {}) -%}
  {%- set simple = merge_clause_defaults(config.get('merge_update_condition', none), config.get('merge_insert_condition', none), columns, excluded, expressions) -%}
  {%- set update = simple.when_matched_update_explicit if columns or excluded or expressions else simple.when_matched_update_by_name -%}
  {%- set clauses = config.get('merge_clauses', {}) -%}
  {%- set returning = config.get('merge_returning_columns', []) -%}
  {{ config.get('sql_header', none) or '' }}
  MERGE INTO {{ target }} AS DBT_INTERNAL_DEST
    USING {{ source }} AS DBT_INTERNAL_SOURCE
    {{ duckdb__merge_join_clause(unique_key, config.get('merge_on_using_columns', []), normalize_incremental_predicates(incremental_predicates)) }}
  {%- for clause in clauses.get('when_matched', [update]) %}
  WHEN MATCHED{{ dml_merge_condition(clause) }}
  THEN {{ dml_merge_update(clause, dest_columns) if clause.get('action') == 'update' else dml_merge_action(clause) }}
  {%- endfor %}
  {%- for clause in clauses.get('when_not_matched', [simple.when_not_matched_insert_by_name]) %}
  WHEN NOT MATCHED{{ ' BY ' ~ (clause.get('by') | upper) if clause.get('by') }}{{ dml_merge_condition(clause) }}
  THEN {{ dml_merge_insert(clause) if clause.get('action') == 'insert' else dml_merge_action(clause) }}
  {%- endfor %}
  {{ 'RETURNING ' ~ (returning if returning is string else returning | join(', ')) if returning }}
{%- endmacro %}

{% macro duckdb__merge_join_clause(unique_key, merge_on_using_columns, incremental_predicates) -%}
  {%- set predicates = incremental_predicates or [] -%}
  {%- if merge_on_using_columns -%}
    USING ({{ merge_on_using_columns | join(', ') }}) {{ 'ON (' ~ (predicates | join(') AND (')) ~ ')' if predicates }}
  {%- else -%}
    {%- set single = unique_key is string or unique_key is mapping or unique_key is not sequence -%}
    {%- set keys = ([unique_key] if single else unique_key) if unique_key else [] -%}
    {%- set matches = [] -%}
    {%- for key in keys -%}
      {%- do matches.append('DBT_INTERNAL_SOURCE.' ~ key ~ ' = DBT_INTERNAL_DEST.' ~ key) -%}
    {%- endfor -%}
    ON ({{ ((matches or ['FALSE']) + predicates) | join(') AND (') }})
  {%- endif -%}
{%- endmacro %}

{% macro dml_merge_condition(clause) -%}
  {%- set condition = clause.get('condition') -%}
  {%- if condition %} AND {{ condition if condition is string else '(' ~ (condition | join(') AND (')) ~ ')' }}{% endif -%}
{%- endmacro %}

{% macro dml_merge_update(clause, dest_columns) -%}
  {%- set mode = clause.get('mode') -%}
  {%- if mode == 'by_name' -%}
    UPDATE BY NAME
  {%- elif mode == 'by_position' -%}
    UPDATE BY POSITION
  {%- elif mode == 'star' -%}
    UPDATE SET *
  {%- elif mode == 'explicit' -%}
    {%- set wanted = clause.get('update', {}) -%}
    {%- set expressions = wanted.get('set_expressions', {}) -%}
    {%- set sets = dml_assignments(expressions) -%}
    {%- for column in get_merge_update_columns(wanted.get('include', []), wanted.get('exclude', []), dest_columns) -%}
      {%- if column | replace('"', '') | replace("'", '') not in expressions -%}
        {%- do sets.append(column ~ ' = DBT_INTERNAL_SOURCE.' ~ column) -%}
      {%- endif -%}
    {%- endfor -%}
    UPDATE SET
      {{ sets | join(', ') }}
  {%- endif -%}
{%- endmacro %}

{% macro dml_merge_insert(clause) -%}
  {%- set mode = clause.get('mode') -%}
  {%- if mode == 'by_name' -%}
    INSERT BY NAME
  {%- elif mode == 'by_position' -%}
    INSERT BY POSITION
  {%- elif mode == 'star' -%}
    INSERT *
  {%- elif mode == 'explicit' -%}
    {%- set wanted = clause.get('insert', {}) -%}
    INSERT
      ({{ wanted.get('columns', []) | join(', ') }})
      VALUES ({{ wanted.get('values', []) | join(', ') }})
  {%- endif -%}
{%- endmacro %}

{% macro dml_merge_action(clause) -%}
  {%- set action = clause.get('action') -%}
  {%- if action == 'delete' -%}
    DELETE
  {%- elif action == 'do_nothing' -%}
    DO NOTHING
  {%- elif action == 'error' -%}
    ERROR{{ " '" ~ (clause.get('error_message') | replace("'", "''")) ~ "'" if clause.get('error_message') }}
  {%- elif action == 'update' -%}
    UPDATE SET {{ dml_assignments(clause.get('set_expressions', {})) | join(', ') }}
  {%- endif -%}
{%- endmacro %}

{% macro dml_assignments(expressions) %}
  {%- set sets = [] -%}
  {%- for column, expression in expressions.items() -%}
    {%- do sets.append(column ~ ' = ' ~ expression) -%}
  {%- endfor -%}
  {{ return(sets) }}
{% endmacro %}

{# The clauses that the simple configs stand for. #}
{% macro merge_clause_defaults(merge_update_condition, merge_insert_condition, merge_update_columns=[], merge_exclude_columns=[], merge_update_set_expressions={}) -%}
  {%- set update = {'action': 'update', 'condition': merge_update_condition} -%}
  {%- set chosen = {'include': merge_update_columns, 'exclude': merge_exclude_columns, 'set_expressions': merge_update_set_expressions} -%}
  {{ return({
    'when_matched_update_by_name': dict(update, mode='by_name'),
    'when_matched_update_explicit': dict(update, mode='explicit', update=chosen),
    'when_not_matched_insert_by_name': {'action': 'insert', 'condition': merge_insert_condition, 'mode': 'by_name'}
  }) }}
{%- endmacro %}

{# Raises with every problem of the merge configs at once. #}
{% macro validate_merge_config(config, target_relation=none) %}
  {%- set errors = [] -%}
  {%- set fields = {
    'merge_update_condition': validate_string_field,
    'merge_insert_condition': validate_string_field,
    'merge_on_using_columns': validate_string_list_field,
    'merge_update_columns': validate_string_list_field,
    'merge_update_set_expressions': validate_dict_field,
    'merge_exclude_columns': validate_string_list_field,
    'merge_returning_columns': validate_string_list_field
  } -%}
  {%- for name, validate in fields.items() -%}
    {%- do validate(config.get(name), name, errors) -%}
  {%- endfor -%}
  {%- do validate_merge_clauses(config, fields, errors) -%}
  {%- if not errors -%}
    {%- do validate_ducklake_restrictions(config, target_relation, errors) -%}
  {%- endif -%}
  {%- if errors -%}
    {%- do exceptions.raise_compiler_error('MERGE configuration errors:\n' ~ (errors | join('\n'))) -%}
  {%- endif -%}
{% endmacro %}

{% macro validate_merge_clauses(config, base_configuration_fields, errors) -%}
  {%- set clauses = config.get('merge_clauses') -%}
  {%- if clauses is none -%}
    {{ return(none) }}
  {%- elif clauses is not mapping -%}
    {%- do errors.append('merge_clauses must be a dictionary, found: ' ~ clauses) -%}
    {{ return(none) }}
  {%- elif 'when_matched' not in clauses and 'when_not_matched' not in clauses -%}
    {%- do errors.append("merge_clauses must contain at least one of 'when_matched' or 'when_not_matched' keys") -%}
  {%- endif -%}
  {%- for kind in ['when_matched', 'when_not_matched'] if kind in clauses -%}
    {%- do validate_merge_clause_list(clauses, kind, errors) -%}
  {%- endfor -%}
  {%- set idle = [] -%}
  {%- for name in base_configuration_fields if name not in ['merge_on_using_columns', 'merge_returning_columns'] -%}
    {%- set value = config.get(name) -%}
    {#- An empty condition is set all the same; an empty list or dictionary is not. -#}
    {%- if value is string or value -%}
      {%- do idle.append(name) -%}
    {%- endif -%}
  {%- endfor -%}
  {%- if idle -%}
    {%- do errors.append(
      'When merge_clauses is specified, the following basic merge configurations will be ignored and should be removed: '
      ~ (idle | join(', ')) ~ '. Define your merge behavior within merge_clauses instead.'
    ) -%}
  {%- endif -%}
{%- endmacro %}

{% macro validate_merge_clause_list(merge_clauses, clause_type, errors) -%}
  {%- set clauses = merge_clauses.get(clause_type) -%}
  {%- set name = 'merge_clauses.' ~ clause_type -%}
  {%- if clauses is not sequence or clauses is mapping or clauses is string -%}
    {%- do errors.append(name ~ ' must be a list') -%}
  {%- elif not clauses -%}
    {%- do errors.append(name ~ ' must contain at least one element') -%}
  {%- else -%}
    {%- for clause in clauses | reject('mapping') -%}
      {%- do errors.append(name ~ ' elements must be dictionaries, found: ' ~ clause) -%}
    {%- endfor -%}
  {%- endif -%}
{%- endmacro %}

{% macro validate_ducklake_restrictions(config, target_relation, errors) -%}
  {%- if target_relation and adapter.is_ducklake(target_relation) -%}
    {%- if config.get('merge_returning_columns') -%}
      {%- do errors.append('DuckLake MERGE restrictions: merge_returning_columns is not supported because DuckLake does not support RETURNING.') -%}
    {%- endif -%}
    {%- set clauses = config.get('merge_clauses') or {} -%}
    {%- set all = clauses.get('when_matched', []) + clauses.get('when_not_matched', []) -%}
    {%- set changing = all | selectattr('action', 'defined') | selectattr('action', 'in', ['update', 'delete']) | list | length -%}
    {%- if changing > 1 -%}
      {%- do errors.append('DuckLake MERGE restrictions: merge_clauses can hold one UPDATE or DELETE action in all, found ' ~ changing ~ '.') -%}
    {%- endif -%}
  {%- endif -%}
{%- endmacro %}

{% macro validate_string_field(field_value, field_name, errors) -%}
  {%- if field_value is not none and field_value is not string -%}
    {%- do errors.append(field_name ~ ' must be a string, found: ' ~ field_value) -%}
  {%- endif -%}
{%- endmacro %}

{% macro validate_string_list_field(field_value, field_name, errors) -%}
  {%- if field_value is none -%}
    {{ return(none) }}
  {%- elif field_value is not sequence or field_value is mapping or field_value is string -%}
    {%- do errors.append(field_name ~ ' must be a list') -%}
  {%- else -%}
    {%- for item in field_value | reject('string') -%}
      {%- do errors.append(field_name ~ ' must contain only string values, found: ' ~ item) -%}
    {%- endfor -%}
  {%- endif -%}
{%- endmacro %}

{% macro validate_dict_field(field_value, field_name, errors) -%}
  {%- if field_value is not none and field_value is not mapping -%}
    {%- do errors.append(field_name ~ ' must be a dictionary, found: ' ~ field_value) -%}
  {%- endif -%}
{%- endmacro %}
