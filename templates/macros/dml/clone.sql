{# clone: a relation of another environment, copied where the engine can, else seen through a view. #}

{% macro can_clone_table() %}
  {{ return(adapter.dispatch('can_clone_table', 'dbt')()) }}
{% endmacro %}

{% macro default__can_clone_table() %}
  {{ return(False) }}
{% endmacro %}

{% macro create_or_replace_clone(this_relation, defer_relation) %}
  {{ return(adapter.dispatch('create_or_replace_clone', 'dbt')(this_relation, defer_relation)) }}
{% endmacro %}

{% macro default__create_or_replace_clone(this_relation, defer_relation) %}
  create or replace table {{ this_relation.render() }} clone {{ defer_relation.render() }}
{% endmacro %}

{% materialization clone, default %}
  {%- if not defer_relation -%}
    {{ log('No relation found in state manifest for ' ~ model.unique_id, info=True) }}
    {{ return({'relations': []}) }}
  {%- endif -%}
  {%- set existing = load_cached_relation(this) -%}
  {%- if existing and not flags.FULL_REFRESH -%}
    {{ log('Relation ' ~ existing ~ ' already exists', info=True) }}
    {{ return({'relations': []}) }}
  {%- endif -%}
  {%- set other = load_cached_relation(defer_relation) -%}
  {%- set as_table = other and other.type == 'table' and can_clone_table() -%}
  {%- set target_relation = this.incorporate(type='table' if as_table else 'view') -%}
  {%- if target_relation.render() == defer_relation.render() -%}
    {{ log('Target relation and defer relation are the same, skipping clone for relation: ' ~ target_relation.render()) }}
    {{ return({'relations': [target_relation]}) }}
  {%- endif -%}
  {%- if existing is not none and (existing.type != target_relation.type or not as_table) -%}
    {{ drop_relation_if_exists(existing) }}
  {%- endif -%}
  {%- call statement('main') -%}
    {{ create_or_replace_clone(target_relation, defer_relation) if as_table else get_create_view_as_sql(target_relation, sql) }}
  {%- endcall -%}
  {%- do apply_grants(target_relation, config.get('grants'), should_revoke=should_revoke(existing, full_refresh_mode=True)) -%}
  {%- do persist_docs(target_relation, model) -%}
  {{ adapter.commit() }}
  {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}
