"""Loads the definitions of templates/orchestration/dagster, materializes every asset, and tells as JSON what Dagster has seen."""
import importlib.util
import json
import sys
from collections import Counter

from dagster import AssetKey, DagsterInstance, materialize

spec = importlib.util.spec_from_file_location("definitions", sys.argv[1])
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)

assets = module.project_assets
outcome = materialize([assets], resources=module.defs.resources, instance=DagsterInstance.ephemeral(), raise_on_error=False)
events = Counter(e.event_type_value for e in outcome.all_events)
checks = Counter((c.passed, c.severity.value) for c in outcome.get_asset_check_evaluations())
materialized = [e for e in outcome.all_events if e.event_type_value == "ASSET_MATERIALIZATION"]
print(
    json.dumps(
        {
            "success": outcome.success,
            "assets": len(list(assets.keys)),
            "materialized": len({e.asset_key for e in materialized}),
            "checks": len(list(assets.check_specs)),
            "passed": sum(n for (passed, _), n in checks.items() if passed),
            "warned": sum(n for (passed, severity), n in checks.items() if not passed and severity == "WARN"),
            "failed": sum(n for (passed, severity), n in checks.items() if not passed and severity == "ERROR"),
            "timed": all("Execution Duration" in e.step_materialization_data.materialization.metadata for e in materialized),
            "observations": events["ASSET_OBSERVATION"],
        }
    )
)
