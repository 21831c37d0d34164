{# Hooks and seeds on DuckDB. #}

{# No commit before the hooks outside the transaction: a connection of DuckDB begins with none. #}
{% macro run_hooks(hooks, inside_transaction=True) %}
  {%- for hook in hooks | selectattr('transaction', 'equalto', inside_transaction) -%}
    {%- set sql = render(hook.get('sql')) | trim -%}
    {%- if sql -%}
      {%- call statement(auto_begin=inside_transaction) -%}
        {{ sql }}
      {%- endcall -%}
    {%- endif -%}
  {%- endfor -%}
{% endmacro %}

{% macro duckdb__get_binding_char() %}
  {{ return(adapter.get_binding_char()) }}
{% endmacro %}

{% macro duckdb__get_batch_size() %}
  {{ return(10000) }}
{% endmacro %}

{# By COPY unless `fast: false` is set. #}
{% macro duckdb__load_csv_rows(model, agate_table) %}
  {%- if not config.get('fast', true) -%}
    {{ return(default__load_csv_rows(model, adapter.convert_datetimes_to_strs(agate_table))) }}
  {%- endif -%}
  {%- set copy = 'COPY ' ~ this.render() ~ " FROM '" ~ adapter.get_seed_file_path(model)
    ~ "' (FORMAT CSV, HEADER TRUE, DELIMITER '" ~ config.get('delimiter', ',') ~ "')" -%}
  {%- do adapter.add_query(copy, abridge_sql_log=True) -%}
  {{ return(copy) }}
{% endmacro %}

{# The name under which MotherDuck shows a model's run. #}
{% macro flight_name(parsed_model) -%}
  {{ return(adapter.dispatch('flight_name', 'dbt')(parsed_model)) }}
{%- endmacro %}

{% macro default__flight_name(parsed_model) -%}
  {{ return(duckdb__flight_name(parsed_model)) }}
{%- endmacro %}

{% macro duckdb__flight_name(parsed_model) -%}
  {%- set name = parsed_model.get('alias') or parsed_model.get('name') -%}
  {{ return(['dbt', parsed_model.get('package_name'), parsed_model.get('database'), parsed_model.get('schema'), name] | select | join('-')) }}
{%- endmacro %}
