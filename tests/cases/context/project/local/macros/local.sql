{% macro greet() %}{{ return(adapter.dispatch('greet', 'local')()) }}{% endmacro %}
{% macro default__greet() %}local default{% endmacro %}
{% macro duckdb__greet() %}local duckdb{% endmacro %}
{% macro plainly() %}{{ return(adapter.dispatch('plainly', 'local')()) }}{% endmacro %}
{% macro default__plainly() %}local plainly{% endmacro %}
{% macro inner() %}local inner{% endmacro %}
{% macro outer() %}{{ inner() }}{% endmacro %}
{% macro shared() %}local shared{% endmacro %}
{% macro scoped() %}{{ return(var('scoped')) }}{% endmacro %}
