"""Writes ls.json: what `dbt ls` prints for selections of the example project. Run it with a Python that has dbt-core and dbt-duckdb:

    python tests/cli/make_ls.py
"""
import contextlib
import io
import json
import os
import pathlib
import shutil
import tempfile

from dbt.cli.main import dbtRunner

HERE = pathlib.Path(__file__).parent
SELECTIONS = [
    "--select +dim_dates",
    "--select raw_products+ --resource-type model snapshot",
    "--select 2+fct_orders+1 --resource-type model",
    "--select @stg_returns --resource-type model seed",
    "--select tag:web --resource-type model",
    "--select tag:staging --exclude stg_orders stg_payments --resource-type model",
    "--select path:models/marts/web",
    "--select models/intermediate --resource-type model",
    "--select tidewater.marts.finance --resource-type model",
    "--select config.materialized:incremental",
    "--select source:web_log+1",
    "--select exposure:*",
    "--select +exposure:reactivation_mail --resource-type model seed source",
    "--select resource_type:snapshot",
    "--select test_type:unit",
    "--select test_type:singular",
    "--select test_name:unique_together",
    "--select tag:web,config.materialized:table",
    "--select fct_orders --indirect-selection buildable",
    "--select fct_orders --indirect-selection empty",
    "--select fct_orders --indirect-selection cautious",
    "--resource-type seed source --output name",
    "--select stg_o* --output path",
    "--select customer_value --output name",
    "--select version:latest",
    "--select group:finance --resource-type model",
    "--select access:public --resource-type model",
    "--resource-type analysis",
    "--select file:stg_orders.sql",
    "--select dim_customers --output json --output-keys name resource_type config.materialized tags",
    "--select dim_stores raw_orders orders_snapshot --resource-type model seed snapshot --output json",
    "--select unit_test:the_gap_is_a_variable --output json",
    "--select source:* --resource-type source --output json",
]

with tempfile.TemporaryDirectory() as tmp:
    project = f"{tmp}/project"
    shutil.copytree(HERE / "../../example-project", project, ignore=shutil.ignore_patterns("target", "logs"))
    os.chdir(project)
    os.environ["DBT_SEND_ANONYMOUS_USAGE_STATS"] = "false"
    pathlib.Path("profiles.yml").write_text(
        "tidewater: {target: dev, outputs: {dev: {type: duckdb, path: target/tidewater.duckdb, threads: 4}}}\n"
    )
    golden = {}
    for selection in SELECTIONS:
        with contextlib.redirect_stdout(io.StringIO()):
            golden[selection] = list(dbtRunner().invoke(["--quiet", "ls", *selection.split()]).result)
(HERE / "ls.json").write_text(json.dumps(golden, indent=1) + "\n")
