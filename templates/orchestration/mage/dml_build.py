"""A custom block for Mage that builds a dbt project with dml and hands on what came of each node.

DML_PROJECT is the folder of the project, DML the program to run (`dml` on the PATH by default). The pipeline's variables of the same names as the project's
are handed to it; `select` chooses nodes.
"""
import json
import os
import subprocess
from pathlib import Path

if "custom" not in globals():
    from mage_ai.data_preparation.decorators import custom


@custom
def build(*args, **kwargs):
    project = Path(os.environ["DML_PROJECT"]).resolve()
    given = {name: value for name, value in kwargs.items() if isinstance(value, (str, int, float, bool))}
    select = str(given.pop("select", "*"))
    command = [os.environ.get("DML", "dml"), "build", "--select", select, "--vars", json.dumps(given)]
    done = subprocess.run(command, cwd=project, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    print(done.stdout)
    if done.returncode == 2:
        raise RuntimeError("nothing was run: the project or the command cannot be used")
    results = json.loads((project / "target" / "run_results.json").read_text())["results"]
    if done.returncode != 0:
        failed = [r["unique_id"] for r in results if r["status"] in ("error", "fail", "skipped")]
        raise RuntimeError(f"{len(failed)} nodes failed or were skipped: {', '.join(failed)}")
    return {r["unique_id"]: r["status"] for r in results}
