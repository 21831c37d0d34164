{# Text as people typed it: trimmed, in lower case on request, null when nothing is left. #}
{% macro clean_text(column, lower=true) -%}
    nullif(trim({% if lower %}lower({{ column }}){% else %}{{ column }}{% endif %}), '')
{%- endmacro %}
