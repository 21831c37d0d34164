{% macro kinds(v) %}
  {%- set out = [] -%}
  {%- if v is undefined %}{% do out.append('undefined') %}{% else -%}
    {%- if v is none %}{% do out.append('none') %}{% endif -%}
    {%- if v is boolean %}{% do out.append('boolean') %}{% endif -%}
    {%- if v is integer %}{% do out.append('integer') %}{% elif v is float %}{% do out.append('float') %}{% elif v is number %}{% do out.append('number') %}{% endif -%}
    {%- if v is string %}{% do out.append('string') %}{% endif -%}
    {%- if v is mapping %}{% do out.append('mapping') %}{% endif -%}
    {%- if v is sequence %}{% do out.append("sequence") %}{% endif -%}
    {%- if v is callable %}{% do out.append('callable') %}{% endif -%}
    {%- if v %}{% do out.append('true') %}{% else %}{% do out.append('false') %}{% endif -%}
  {%- endif -%}
  {{- return(out | join(',')) -}}
{% endmacro %}

{% macro p(where, label, v) %}
  {%- do print('@@ ' ~ where ~ (' run' if execute else ' parse') ~ ' | ' ~ label ~ ' | ' ~ kinds(v) ~ ' | ' ~ (v | pprint | replace('\n', '\\n')) ~ ' | ' ~ ((v ~ '') | replace('\n', '\\n'))) -%}
{% endmacro %}

{% macro probe__greet() %}not looked up{% endmacro %}
{% macro default__greet() %}root default{% endmacro %}
{% macro inner() %}root inner{% endmacro %}
{% macro shared() %}root shared{% endmacro %}
{% macro scoped() %}{{ return(var('scoped')) }}{% endmacro %}
{% macro kw(a, b=2) %}{{ return([a, b, varargs, kwargs]) }}{% endmacro %}
{% macro called() %}<{{ caller() }}>{% endmacro %}
{% macro early() %}before{{ return({'k': 1}) }}after{% endmacro %}
{% macro validator(v) %}{% if v != 'good' %}{{ exceptions.raise_compiler_error('bad') }}{% endif %}{% endmacro %}
{% macro double(x) %}{{ return(x * 2) }}{% endmacro %}
{% macro keyed(d) %}{{ return(d.keys() | list | sort) }}{% endmacro %}
{% macro ends() %}
  {% for r in results | sort(attribute='node.unique_id') if not r.node.path.startswith('probes') %}
    {{ p('ends', r.node.unique_id, [r.status, r.failures, r.thread_id, r.adapter_response, r.message is string, r.timing | length, r.node.name]) }}
    {{ p('ends', r.node.unique_id ~ ' s', r.status) }}
    {% if r.node.resource_type == 'seed' %}{{ p('ends', 'dict', r.to_dict().keys() | list) }}{{ p('ends', 'timing', r.timing[0].name) }}{{ p('ends', 'exec', r.execution_time is number) }}{% endif %}
  {% endfor %}
  {{ p('ends', 'schemas', schemas) }}
  {{ p('ends', 'database_schemas', database_schemas) }}
{% endmacro %}
{% macro operate(a, b='x') %}
  {{ p('operation', 'arguments', [a, b]) }}
  {{ survey('operation') }}
  {{ p('operation', 'ref', ref('base')) }}
  {{ p('operation', 'source', source('src', 'base')) }}
  {{ p('operation', 'query', run_query('select 1 as one').rows[0][0]) }}
  {{ return(42) }}
{% endmacro %}
{% test positive(model, column_name, above=0) %}
  {{ survey('generic test') }}
  {{ p('generic test', 'model', model) }}{{ p('generic test', 'column_name', column_name) }}{{ p('generic test', 'above', above) }}
  {{ config(severity='warn') }}
  select * from {{ model }} where {{ column_name }} <= {{ above }}
{% endtest %}
