"""A dbt project as an Airflow DAG, made by Cosmos and run by dml: a task for each model, seed, snapshot and model's tests.

    pip install apache-airflow astronomer-cosmos
    export DML_PROJECT=/path/to/project    # with a profiles.yml in it, whose paths are absolute: tasks run in a copy of the project
    cp dml_cosmos.py $AIRFLOW_HOME/dags/
    airflow dags test dml_from_manifest

DML is the program to run (`dml` on the PATH by default), DML_PROFILE and DML_TARGET the connection in profiles.yml.
"""
import os
from datetime import datetime
from pathlib import Path

from cosmos import DbtDag, ExecutionConfig, LoadMode, ProfileConfig, ProjectConfig, RenderConfig
from cosmos.constants import ExecutionMode, InvocationMode

PROJECT = Path(os.environ["DML_PROJECT"]).resolve()
DML = os.environ.get("DML", "dml")


def dag(load: LoadMode) -> DbtDag:
    """The project as a DAG. From `target/manifest.json`, which `dml parse` writes, Airflow reads it fastest; with `dbt_ls` it asks dml."""
    return DbtDag(
        dag_id=f"dml_from_{load.value.removeprefix('dbt_')}",
        project_config=ProjectConfig(
            dbt_project_path=PROJECT,
            manifest_path=PROJECT / "target" / "manifest.json" if load is LoadMode.DBT_MANIFEST else None,
            install_dbt_deps=False,
        ),
        profile_config=ProfileConfig(
            profile_name=os.environ.get("DML_PROFILE", "tidewater"),
            target_name=os.environ.get("DML_TARGET", "dev"),
            profiles_yml_filepath=PROJECT / "profiles.yml",
        ),
        # Cosmos would otherwise look for dbt's Python package and call that.
        execution_config=ExecutionConfig(
            dbt_executable_path=DML, execution_mode=ExecutionMode.LOCAL, invocation_mode=InvocationMode.SUBPROCESS
        ),
        render_config=RenderConfig(
            load_method=load,
            dbt_executable_path=DML,
            invocation_mode=InvocationMode.SUBPROCESS,
            # A test of two models runs once both are there, as a task of its own. Without this it runs after each of them, and fails after the first.
            should_detach_multiple_parents_tests=True,
        ),
        # A DuckDB file has one writer at a time. Leave this out for a database server.
        max_active_tasks=1,
        schedule=None,
        start_date=datetime(2026, 1, 1),
    )


from_manifest = dag(LoadMode.DBT_MANIFEST)
from_ls = dag(LoadMode.DBT_LS)
