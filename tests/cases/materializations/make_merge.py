"""Writes what dbt-duckdb makes of every option of `merge` into merge.json: python make_merge.py (dbt-core, dbt-duckdb and duckdb installed)."""

import json
import pathlib
import subprocess
import sys
import tempfile

import duckdb

here = pathlib.Path(__file__).parent
path = here / "merge.json"
golden = json.loads(path.read_text())

with tempfile.TemporaryDirectory() as name:
    project = pathlib.Path(name)
    (project / "models").mkdir()
    (project / "dbt_project.yml").write_text("name: shop\nprofile: shop\n")
    (project / "profiles.yml").write_text("shop: {target: dev, outputs: {dev: {type: duckdb, path: shop.duckdb}}}\n")
    for case in golden["cases"]:
        second = case.get("second", golden["second"])
        config = f"materialized='incremental', incremental_strategy='merge', unique_key='id', {case['config']}"
        text = f"{{{{ config({config}) }}}}\n{{% if is_incremental() %}}\n{second}\n{{% else %}}\n{golden['first']}\n{{% endif %}}\n"
        (project / "models" / f"{case['name']}.sql").write_text(text)
    dbt = [str(pathlib.Path(sys.executable).parent / "dbt"), "-q", "--no-send-anonymous-usage-stats", "run", "--profiles-dir", "."]
    for _ in range(2):
        subprocess.run(dbt, cwd=project, stdout=subprocess.DEVNULL)
    results = json.loads((project / "target/run_results.json").read_text())["results"]
    status = {r["unique_id"].split(".")[-1]: r["status"] for r in results}
    connection = duckdb.connect(str(project / "shop.duckdb"), read_only=True)
    for case in golden["cases"]:
        case["status"] = status[case["name"]]
        found = connection.execute(f"select * from {case['name']} order by all")
        case["columns"] = [column[0] for column in found.description]
        case["rows"] = [list(row) for row in found.fetchall()]

cases = ",\n".join("    " + json.dumps(case) for case in golden["cases"])
head = {key: golden[key] for key in ("first", "second")}
path.write_text(json.dumps(head, indent=2)[:-2] + ',\n  "cases": [\n' + cases + "\n  ]\n}\n")
