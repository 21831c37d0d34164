"""Loads the DAG file of templates/orchestration/airflow, and tells as JSON what tasks its DAGs have."""
import importlib.util
import json
import sys

spec = importlib.util.spec_from_file_location("dml_cosmos", sys.argv[1])
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
print(json.dumps({dag.dag_id: sorted(dag.task_ids) for dag in (module.from_manifest, module.from_ls)}))
