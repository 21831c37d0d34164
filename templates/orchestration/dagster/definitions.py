"""A dbt project as Dagster assets, built by dml: models, seeds and snapshots become assets, tests become asset checks.

    pip install dagster dagster-dbt dagster-webserver
    export DML_PROJECT=/path/to/project
    dagster dev -f definitions.py

DML is the program to run (`dml` on the PATH by default).
"""
import os
from pathlib import Path

from dagster import AssetExecutionContext, Definitions
from dagster_dbt import DbtCliResource, dbt_assets

PROJECT = Path(os.environ["DML_PROJECT"]).resolve()

dbt = DbtCliResource(
    project_dir=os.fspath(PROJECT),
    profiles_dir=os.fspath(PROJECT),
    dbt_executable=os.environ.get("DML", "dml"),
)

# Dagster makes its assets from manifest.json. In production write it when the code is packaged; here it is made whenever the definitions are loaded.
manifest = dbt.cli(["parse"], target_path=Path("target")).wait().target_path / "manifest.json"


@dbt_assets(manifest=manifest)
def project_assets(context: AssetExecutionContext, dbt: DbtCliResource):
    yield from dbt.cli(["build"], context=context).stream()


defs = Definitions(assets=[project_assets], resources={"dbt": dbt})
