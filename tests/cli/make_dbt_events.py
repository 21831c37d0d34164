"""Writes dbt-events.json: what dbt prints for commands on the example project, as text and as JSON events. Run it with a Python that has dbt-core and dbt-duckdb:

    python tests/cli/make_dbt_events.py
"""
import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

from dbt.version import __version__

HERE = pathlib.Path(__file__).parent
COMMANDS = [
    "parse",
    "seed --select raw_stores raw_customers raw_products",
    "build --select +dim_stores +stg_customers",
    "run --select stg_stores customer_value --full-refresh",
    "test --select stg_customers",
    "test --select customers_without_email --warn-error",
    "build --select int_web_events_with_session+1 --vars '{session_gap_minutes: oops}'",
    "snapshot --select products_snapshot",
    "ls --select +dim_stores --resource-type model seed",
    "compile --select dim_stores",
    "show --select dim_stores --limit 1 --output json",
    "run-operation count_rows --args '{model: dim_stores}'",
    "run-operation nothing_like_this",
    "source freshness",
    "docs generate --select dim_stores",
    "run --select nothing_like_this",
]


def plain(line):
    """A line of text without colours and what changes from run to run: times, places, the numbers of nodes, the dots."""
    line = re.sub(r"\x1b\[[0-9;]*m", "", line)
    line = re.sub(r"^\d\d:\d\d:\d\d  ?", "", line)
    line = re.sub(r"\d+\.\d+s\b", "0s", line)
    line = re.sub(r"\d+\.\d+ seconds", "0 seconds", line)
    line = re.sub(r"^(\d+) of (\d+) ", r"N of \2 ", line)
    line = re.sub(r"( \.+| ) ?\[(?=[A-Z])", " [", line)
    return line.rstrip()


found = {}
# What these members of an event's data hold.
parts = {"node_info": [], "run_result": []}
with tempfile.TemporaryDirectory() as tmp:
    tmp = str(pathlib.Path(tmp).resolve())
    project = f"{tmp}/project"
    shutil.copytree(HERE / "../../example-project", project, ignore=shutil.ignore_patterns("target", "logs"))
    pathlib.Path(project, "profiles.yml").write_text(
        "tidewater: {target: dev, outputs: {dev: {type: duckdb, path: target/tidewater.duckdb, threads: 1}}}\n"
    )
    env = {**os.environ, "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"}
    dbt = [sys.executable, "-c", "from dbt.cli.main import cli; cli()"]

    def run(*argv):
        done = subprocess.run([*dbt, *argv], cwd=project, env=env, capture_output=True, text=True)
        return done.returncode, done.stdout.replace(project, "<dir>")

    run("build")
    for command in COMMANDS:
        code, text = run(*shlex.split(command))
        events = {}
        for line in run("--log-format", "json", "--log-level", "debug", *shlex.split(command))[1].splitlines():
            event = json.loads(line)
            info, data = event["info"], event["data"]
            seen = events.setdefault(info["name"], {"code": info["code"], "levels": [], "data": []})
            seen["levels"] = sorted({*seen["levels"], info["level"]})
            seen["data"] = sorted({*seen["data"], *data})
            for part in parts:
                parts[part] = sorted({*parts[part], *data.get(part, {})})
        found[command] = {"code": code, "text": [plain(line) for line in text.splitlines()], "events": dict(sorted(events.items()))}

lines = [f' "dbt": {json.dumps(__version__)}', f' "parts": {json.dumps(parts)}']
for command, f in found.items():
    texts = ",\n   ".join(json.dumps(line) for line in f["text"])
    events = ",\n   ".join(f"{json.dumps(name)}: {json.dumps(event)}" for name, event in f["events"].items())
    lines.append(f' {json.dumps(command)}: {{"code": {f["code"]}, "text": [\n   {texts}\n  ], "events": {{\n   {events}\n  }}}}')
(HERE / "dbt-events.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")
