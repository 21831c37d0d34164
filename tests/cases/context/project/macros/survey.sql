{# Every member that is safe to look at in any template, from any place. #}
{% macro survey(where) %}
  {%- for name in ['adapter', 'api', 'builtins', 'column', 'compiled_code', 'config', 'context', 'context_macro_stack', 'database', 'database_schemas', 'dbt_metadata_envs',
      'dbt_version', 'defer_relation', 'diff_of_two_dicts', 'env', 'env_var', 'exceptions', 'execute', 'flags', 'fromjson', 'fromyaml', 'function', 'graph', 'invocation_args_dict',
      'invocation_id', 'load_agate_table', 'load_result', 'local_md5', 'log', 'metric', 'model', 'modules', 'post_hooks', 'pre_hooks', 'print', 'project_name', 'ref', 'render',
      'return', 'run_started_at', 'schema', 'schemas', 'results', 'selected_resources', 'set', 'set_strict', 'source', 'source_node', 'sql', 'sql_now', 'store_raw_result', 'store_result',
      'submit_python_job', 'target', 'this', 'thread_id', 'tojson', 'toyaml', 'try_or_compiler_error', 'validation', 'var', 'write', 'zip', 'zip_strict', 'caller', 'doc', 'dbt', 'dbt_duckdb',
      'local', 'probe', 'run_query', 'statement', 'adapter_macro', 'debug', 'connection_name', 'node', 'macro', 'var_name', 'nothing_of_the_kind'] -%}
    {%- set v = context.get(name) -%}
    {%- do print('@@ ' ~ where ~ (' run' if execute else ' parse') ~ ' | has ' ~ name ~ ' | ' ~ (name in context) ~ ' | ' ~ kinds(v)) -%}
  {%- endfor -%}
  {{- p(where, 'this', this) -}}
  {{- p(where, 'project_name', project_name) -}}
  {{- p(where, 'execute', execute) -}}
  {{- p(where, 'database', database) -}}
  {{- p(where, 'schema', schema) -}}
  {{- p(where, 'thread_id', thread_id) -}}
  {{- p(where, 'sql', sql is none) -}}
  {{- p(where, 'pre_hooks', pre_hooks) -}}
  {{- p(where, 'post_hooks', post_hooks) -}}
  {{- p(where, 'selected', selected_resources | length > 0) -}}
  {{- p(where, 'graph keys', graph.keys() | list) -}}
  {{- p(where, 'model keys', (model or {}).keys() | list | sort) -}}
  {{- p(where, 'model id', (model or {}).get('unique_id')) -}}
  {{- p(where, 'adapter type', adapter.type()) -}}
  {{- p(where, 'config.get', config.get('materialized', 'nope') if config else 'no config') -}}
  {{- p(where, 'var', [var('plain'), var('scoped'), var('missing', 'd')]) -}}
  {{- p(where, 'run_query', run_query('select 1 as one') is none) -}}
  {{- p(where, 'depth', context_macro_stack.depth) -}}
{% endmacro %}
