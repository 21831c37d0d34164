import type { ModelNode } from './manifest.ts';

/** What a model has of which no file says anything: for nodes that are not read from the project's models. */
export const bareModel = () =>
  ({
    config_call_dict: {},
    unrendered_config_call_dict: {},
    tags: [],
    meta: {},
    group: null,
    description: '',
    columns: {},
    docs: { show: true, node_color: null },
    doc_blocks: [],
    patch_path: null,
    language: 'sql',
    metrics: [],
    constraints: [],
    contract: { enforced: false, alias_types: true, checksum: null },
    version: null,
    latest_version: null,
    deprecation_date: null,
    primary_key: [],
    time_spine: null,
  }) satisfies Partial<ModelNode>;
