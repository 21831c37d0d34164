{# Grants: what the database grants is made to equal the `grants` config. #}

{% macro apply_grants(relation, grant_config, should_revoke) %}
  {{ return(adapter.dispatch('apply_grants', 'dbt')(relation, grant_config, should_revoke)) }}
{% endmacro %}

{% macro default__apply_grants(relation, grant_config, should_revoke=True) %}
  {%- if not grant_config -%}
    {{ return(none) }}
  {%- endif -%}
  {%- set missing, surplus = grant_config, {} -%}
  {%- if should_revoke -%}
    {%- set current = adapter.standardize_grants_dict(run_query(get_show_grant_sql(relation))) -%}
    {%- set missing = diff_of_two_dicts(grant_config, current) -%}
    {%- set surplus = diff_of_two_dicts(current, grant_config) -%}
    {%- if not missing and not surplus -%}
      {{ log('On ' ~ relation.render() ~ ': All grants are in place, no revocation or granting needed.') }}
    {%- endif -%}
  {%- endif -%}
  {%- set statements = get_dcl_statement_list(relation, surplus, get_revoke_sql) + get_dcl_statement_list(relation, missing, get_grant_sql) -%}
  {%- if statements -%}
    {{ call_dcl_statements(statements) }}
  {%- endif -%}
{% endmacro %}

{# Whether old grants can be there at all: a relation that was rebuilt has some only where the engine copies them. #}
{% macro should_revoke(existing_relation, full_refresh_mode=True) %}
  {%- if existing_relation -%}
    {{ return(copy_grants() if full_refresh_mode else True) }}
  {%- endif -%}
  {{ return(False) }}
{% endmacro %}

{% macro copy_grants() %}
  {{ return(adapter.dispatch('copy_grants', 'dbt')()) }}
{% endmacro %}

{% macro default__copy_grants() %}
  {{ return(True) }}
{% endmacro %}

{% macro support_multiple_grantees_per_dcl_statement() %}
  {{ return(adapter.dispatch('support_multiple_grantees_per_dcl_statement', 'dbt')()) }}
{% endmacro %}

{% macro default__support_multiple_grantees_per_dcl_statement() %}
  {{ return(True) }}
{% endmacro %}

{% macro get_show_grant_sql(relation) %}
  {{ return(adapter.dispatch('get_show_grant_sql', 'dbt')(relation)) }}
{% endmacro %}

{% macro default__get_show_grant_sql(relation) %}
  show grants on {{ relation.render() }}
{% endmacro %}

{% macro get_grant_sql(relation, privilege, grantees) %}
  {{ return(adapter.dispatch('get_grant_sql', 'dbt')(relation, privilege, grantees)) }}
{% endmacro %}

{% macro default__get_grant_sql(relation, privilege, grantees) -%}
  grant {{ privilege }} on {{ relation.render() }} to {{ grantees | join(', ') }}
{%- endmacro %}

{% macro get_revoke_sql(relation, privilege, grantees) %}
  {{ return(adapter.dispatch('get_revoke_sql', 'dbt')(relation, privilege, grantees)) }}
{% endmacro %}

{# Quoted, unlike in a grant: these names come from the database, as they are spelt there. #}
{% macro default__get_revoke_sql(relation, privilege, grantees) -%}
  revoke {{ privilege }} on {{ relation.render() }} from {{ get_quoted_csv(grantees) }}
{%- endmacro %}

{% macro get_dcl_statement_list(relation, grant_config, get_dcl_macro) %}
  {{ return(adapter.dispatch('get_dcl_statement_list', 'dbt')(relation, grant_config, get_dcl_macro)) }}
{% endmacro %}

{% macro default__get_dcl_statement_list(relation, grant_config, get_dcl_macro) %}
  {%- set statements = [] -%}
  {%- set together = support_multiple_grantees_per_dcl_statement() -%}
  {%- for privilege, grantees in grant_config.items() if grantees -%}
    {%- for group in ([grantees] if together else grantees | batch(1)) -%}
      {%- do statements.append(get_dcl_macro(relation, privilege, group)) -%}
    {%- endfor -%}
  {%- endfor -%}
  {{ return(statements) }}
{% endmacro %}

{% macro call_dcl_statements(dcl_statement_list) %}
  {{ return(adapter.dispatch('call_dcl_statements', 'dbt')(dcl_statement_list)) }}
{% endmacro %}

{% macro default__call_dcl_statements(dcl_statement_list) %}
  {%- call statement('grants') -%}
    {%- for dcl in dcl_statement_list %}
      {{ dcl }};
    {%- endfor %}
  {%- endcall -%}
{% endmacro %}
