{# Cents to an exact amount with two decimals. #}
{% macro cents_to_money(column) -%}
    cast(round({{ column }} / 100.0, 2) as decimal(18, 2))
{%- endmacro %}
