"""A dbt project as a Prefect flow, built by dml.

    pip install prefect prefect-dbt
    export DML_PROJECT=/path/to/project
    python flow.py

DML is the program to run (`dml` on the PATH by default). prefect-dbt's PrefectDbtRunner calls dbt's Python API and cannot run another program;
DbtCoreOperation runs commands.
"""
import os
import shlex
from pathlib import Path

from prefect import flow
from prefect_dbt.cli.commands import DbtCoreOperation

PROJECT = Path(os.environ["DML_PROJECT"]).resolve()
DML = shlex.quote(os.environ.get("DML", "dml"))


@flow(log_prints=True)
def build(select: str = "*"):
    """Builds and tests what is selected. Fails when dml does: exit code 1 is a failed node, 2 a project that cannot be used."""
    return DbtCoreOperation(
        commands=[f"{DML} build --select {shlex.quote(select)}"],
        project_dir=PROJECT,
        profiles_dir=PROJECT,
        working_dir=PROJECT,
    ).run()


if __name__ == "__main__":
    print(build())
