"""Runs the flow of templates/orchestration/prefect, once well and once with a selection that cannot be used, and tells as JSON how it went."""
import importlib.util
import json
import sys

spec = importlib.util.spec_from_file_location("flow", sys.argv[1])
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)

lines = module.build()
try:
    module.build(select="state:modified")
    refused = False
except Exception:
    refused = True
print(json.dumps({"done": next((line for line in reversed(lines) if "Done." in line), ""), "refused": refused}))
