{# Cents, as the till exports them, to an exact amount. #}
{% macro cents_to_money(column, decimals=2) -%}
    cast(round(coalesce({{ column }}, 0) / 100.0, {{ decimals }}) as decimal(18, {{ decimals }}))
{%- endmacro %}


{# An amount in the shop's own currency. The rate may be null for the shop's currency itself. #}
{% macro to_shop_currency(amount, currency, rate) -%}
    cast(
        round(
            case when {{ currency }} = '{{ var("shop_currency") }}' then {{ amount }} else {{ amount }} * {{ rate }} end, 2
        ) as decimal(18, 2)
    )
{%- endmacro %}
