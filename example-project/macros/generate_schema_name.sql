{#
  A schema named in the project is used as it is, without the target's schema in front of it.
  The default would give main_staging, main_marts and so on.
#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {%- if custom_schema_name is none -%}
        {{ target.schema }}
    {%- else -%}
        {{ custom_schema_name | trim }}
    {%- endif -%}
{%- endmacro %}
