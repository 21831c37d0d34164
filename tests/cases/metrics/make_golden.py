"""Writes golden.json and golden-example.json: what MetricFlow answers to queries.json, about project/, and to queries-example.json, about the example
project, on DuckDB: PYTHON make_golden.py [bakery|example]

PYTHON is one that has dbt-metricflow and dbt-duckdb, with dbt beside it. Only the answers are kept: the columns, and the rows in their order by content.
"""

import datetime
import decimal
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
os.environ["DBT_SEND_ANONYMOUS_USAGE_STATS"] = "false"


def cell(value):
    if isinstance(value, (datetime.datetime, datetime.date)):
        return value.isoformat()[:10]
    if isinstance(value, (decimal.Decimal, float)):
        return None if value != value else float(value)
    return value


def answers(project, profile, queries):
    """Builds a copy of the project and asks it. One to a process: dbt keeps what it has read."""
    from dbt_metricflow.cli.cli_configuration import CLIConfiguration
    from metricflow.engine.metricflow_engine import MetricFlowQueryRequest

    with tempfile.TemporaryDirectory() as home:
        shutil.copytree(project, home, dirs_exist_ok=True, ignore=shutil.ignore_patterns("target", "logs"))
        output = {"type": "duckdb", "path": str(Path(home, "answers.duckdb"))}
        Path(home, "profiles.yml").write_text(json.dumps({profile: {"target": "dev", "outputs": {"dev": output}}}))
        subprocess.run([Path(sys.executable).with_name("dbt"), "build"], cwd=home, check=True, capture_output=True)
        os.chdir(home)
        configuration = CLIConfiguration()
        configuration.setup(configure_file_logging=False)
        for query in queries:
            day = lambda key: datetime.datetime.fromisoformat(query[key]) if key in query else None
            request = MetricFlowQueryRequest.create(
                saved_query_name=query.get("savedQuery"),
                metric_names=query.get("metrics"),
                group_by_names=query.get("groupBy"),
                where_constraints=query.get("where"),
                order_by_names=query.get("orderBy"),
                limit=query.get("limit"),
                time_constraint_start=day("startTime"),
                time_constraint_end=day("endTime"),
            )
            try:
                table = configuration.mf.query(request).result_df
            except Exception as error:  # It cannot answer everything it accepts: such a query is to be taken off the list.
                print(json.dumps(query), type(error).__name__, str(error)[:300], file=sys.stderr)
                continue
            rows = sorted(([cell(v) for v in row] for row in table.rows), key=json.dumps)
            yield {"query": query, "columns": [c.column_name for c in table.column_descriptions], "rows": rows}


def main(which):
    ending = "" if which == "bakery" else "-example"
    project, profile = (HERE / "project", "p") if which == "bakery" else (HERE.parents[2] / "example-project", "tidewater")
    lines = [json.dumps(a) for a in answers(project, profile, json.loads((HERE / f"queries{ending}.json").read_text()))]
    (HERE / f"golden{ending}.json").write_text("[\n" + ",\n".join(lines) + "\n]\n")


if len(sys.argv) > 1:
    main(sys.argv[1])
else:
    for which in ["bakery", "example"]:
        subprocess.run([sys.executable, __file__, which], check=True)
