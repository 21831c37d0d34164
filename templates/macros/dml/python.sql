{# The Python that follows a Python model's own code, so that an adapter can call `model(dbtObj(load), session)`. #}

{% macro resolve_model_name(input_model_name) %}
  {{ return(adapter.dispatch('resolve_model_name', 'dbt')(input_model_name)) }}
{% endmacro %}

{% macro default__resolve_model_name(input_model_name) -%}
  {{ input_model_name | string | replace('"', '\"') }}
{%- endmacro %}

{% macro build_ref_function(model) %}
  {%- set relations = {} -%}
  {%- for reference in model.refs -%}
    {%- set parts = [reference.get('package'), reference['name']] if reference.get('package') else [reference['name']] -%}
    {%- set relation = ref(*parts, v=reference.get('version')) -%}
    {%- if reference.get('version') -%}
      {%- do parts.append('v' ~ reference['version']) -%}
    {%- endif -%}
    {%- set name = relation.render() if relation.render is defined and relation.render is callable else relation -%}
    {%- do relations.update({parts | join('.'): resolve_model_name(name)}) -%}
  {%- endfor %}
def ref(*args, **kwargs):
    relations = {{ relations | tojson }}
    version = kwargs.get("v") or kwargs.get("version")
    name = '.'.join(args) + (f".v{version}" if version else "")
    return kwargs["dbt_load_df_function"](relations[name])
{% endmacro %}

{% macro build_source_function(model) %}
  {%- set relations = {} -%}
  {%- for parts in model.sources -%}
    {%- do relations.update({parts | join('.'): resolve_model_name(source(*parts))}) -%}
  {%- endfor %}
def source(*args, dbt_load_df_function):
    relations = {{ relations | tojson }}
    return dbt_load_df_function(relations['.'.join(args)])
{% endmacro %}

{# The settings that the model's code asks for, with the defaults it gives. #}
{% macro build_config_dict(model) %}
  {%- set settings, meta = {}, {} -%}
  {%- for key, default in zip(model.config.config_keys_used, model.config.config_keys_defaults) or [] -%}
    {%- do settings.update({key: model.config.get(key, default)}) -%}
  {%- endfor -%}
  {%- if model.config.meta_keys_used -%}
    {%- for key, default in zip(model.config.meta_keys_used, model.config.meta_keys_defaults) or [] -%}
      {%- do meta.update({key: (model.config.meta or {}).get(key, default)}) -%}
    {%- endfor -%}
  {%- endif %}
config_dict = {{ settings }}
meta_dict = {{ meta }}
{% endmacro %}

{% macro py_script_postfix(model) %}
# What follows connects the model's code above with the project.
{{ build_ref_function(model) }}
{{ build_source_function(model) }}
{{ build_config_dict(model) }}

class config:
    def __init__(self, *args, **kwargs):
        pass

    @staticmethod
    def get(key, default=None):
        return config_dict.get(key, default)

    @staticmethod
    def meta_get(key, default=None):
        return meta_dict.get(key, default)

class this:
    database = "{{ this.database }}"
    schema = "{{ this.schema }}"
    identifier = "{{ this.identifier }}"

    def __repr__(self):
        return '{{ resolve_model_name(this) }}'

class dbtObj:
    def __init__(self, load_df_function) -> None:
        self.source = lambda *args: source(*args, dbt_load_df_function=load_df_function)
        self.ref = lambda *args, **kwargs: ref(*args, **kwargs, dbt_load_df_function=load_df_function)
        self.config = config
        self.this = this()
        self.is_incremental = {{ is_incremental() }}
{{ py_script_comment() }}
{% endmacro %}

{% macro py_script_comment() %}
{% endmacro %}
