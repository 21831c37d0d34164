"""Writes windows.json: the SQL that dbt compiles when it reads a part of the rows only. Run it with a Python that has dbt-core and dbt-duckdb:

    python tests/cli/make_windows.py
"""
import json
import os
import pathlib
import tempfile

os.environ["DBT_SEND_ANONYMOUS_USAGE_STATS"] = "false"
from dbt.cli.main import dbtRunner  # noqa: E402

HERE = pathlib.Path(__file__).parent
DAYS = "select i as id, timestamp '2026-01-01 12:00:00' + i * interval '1 day' as happened from (select unnest(range(0, 40)) as i) t"
BATCHES = "materialized='incremental', incremental_strategy='microbatch', event_time='happened', begin='2026-01-30'"
FILES = {
    "dbt_project.yml": "name: shop\nprofile: shop\nmodels: {+materialized: table}\n",
    "profiles.yml": "shop: {target: dev, outputs: {dev: {type: duckdb, path: shop.duckdb, threads: 1}}}\n",
    "models/shop.yml": json.dumps(
        {
            "sources": [{"name": "raw", "schema": "main", "tables": [{"name": "events", "config": {"event_time": "happened"}}, {"name": "timeless", "identifier": "days"}]}],
            "models": [
                {"name": "days", "columns": [{"name": "id", "data_tests": ["unique", {"not_null": {"config": {"where": "id > 1"}}}]}]},
                {"name": "versioned", "latest_version": 2, "config": {"event_time": "cast(happened as date)"}, "versions": [{"v": 1}, {"v": 2}]},
            ],
            "unit_tests": [{"name": "kept", "model": "from_ref", "given": [{"input": "ref('events')", "rows": [{"id": 1, "happened": "2026-02-01"}]}], "expect": {"rows": [{"n": 1}]}}],
        }
    ),
    "seeds/people.csv": "id,happened\n1,2026-01-31\n2,2026-02-02\n",
    "seeds/people.yml": json.dumps({"seeds": [{"name": "people", "config": {"event_time": "happened", "column_types": {"happened": "timestamp"}}}]}),
    "models/events.sql": "{{ config(event_time='happened') }}\n" + DAYS + "\n",
    "models/days.sql": DAYS + "\n",
    "models/versioned_v1.sql": "select * from {{ ref('events') }}\n",
    "models/versioned_v2.sql": "select * from {{ ref('events') }} as e\n",
    "models/from_ref.sql": "select count(*) as n from {{ ref('events') }}\n",
    "models/from_all.sql": "select e.id from {{ ref('events').render() }} as e join {{ ref('days') }} using (id) join {{ ref('people') }} using (id)\n",
    "models/from_versions.sql": "select * from {{ ref('versioned', v=1) }} union all select * from {{ ref('versioned') }}\n",
    "models/from_source.sql": "-- depends_on: {{ ref('events') }}, {{ ref('days') }}\nselect * from {{ source('raw', 'events') }} union all select * from {{ source('raw', 'timeless') }}\n",
    "models/from_this.sql": "{{ config(materialized='incremental', unique_key='id') }}\nselect * from {{ ref('events') }}{% if is_incremental() %} where happened > (select max(happened) from {{ this }}){% endif %}\n",
    "models/within.sql": "{{ config(materialized='ephemeral', event_time='happened') }}\nselect * from {{ ref('events') }}\n",
    "models/from_within.sql": "select * from {{ ref('within') }}\n",
    "models/daily.sql": "{{ config(" + BATCHES + ", batch_size='day') }}\nselect id, e.happened, '{{ model.batch.id if model.batch is defined }}' as batch from {{ ref('events') }} e join {{ ref('days') }} using (id)\n",
    "models/monthly.sql": "{{ config(" + BATCHES + ", batch_size='month', lookback=2) }}\nselect * from {{ ref('daily') }} where id in (select id from {{ ref('people') }})\n",
    "snapshots/kept.sql": "{% snapshot kept_days %}{{ config(unique_key='id', strategy='check', check_cols='all') }}select * from {{ ref('events') }}{% endsnapshot %}\n",
    "tests/sound.sql": "select * from {{ ref('daily') }} where id < 0\n",
}
WINDOW = ["--event-time-start", "2026-01-31", "--event-time-end", "2026-02-03"]
SAMPLE = ["--sample", "{start: '2026-02-01', end: '2026-02-03 06:00'}"]
COMMANDS = [
    ["seed"],
    ["run", "--empty", *WINDOW],
    ["compile", "--empty"],
    ["run", *WINDOW],
    ["run", "--select", "daily", "monthly", "--full-refresh", "--event-time-start", "2026-01-01", "--event-time-end", "2026-03-01"],
    ["build", "--event-time-end", "2026-02-05", "--event-time-start", "2026-02-01 12:00:00"],
    ["run", *SAMPLE],
    ["build", *SAMPLE, "--full-refresh"],
    ["build", "--empty", *WINDOW],
    ["run", *SAMPLE, *WINDOW, "--select", "daily"],
    ["run", "--empty", *SAMPLE, "--select", "from_ref", "from_all"],
    ["test"],
]


def sql_below(folder):
    return {str(f.relative_to(folder)): f.read_text() for f in sorted(folder.rglob("*")) if f.is_file()}


def main():
    with tempfile.TemporaryDirectory() as tmp:
        os.chdir(tmp)
        for name, text in FILES.items():
            path = pathlib.Path(name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        runs = []
        for i, argv in enumerate(COMMANDS):
            answer = dbtRunner().invoke(["--quiet", *argv, "--target-path", f"target_{i}"])
            if answer.exception is not None:
                raise SystemExit(f"{argv}: {answer.exception}")
            statuses = {r.node.unique_id: str(r.status) for r in answer.result}
            runs.append({"argv": argv, "statuses": statuses, "compiled": sql_below(pathlib.Path(f"target_{i}/compiled"))})
    (HERE / "windows.json").write_text(json.dumps({"files": FILES, "runs": runs}, indent=1) + "\n")


main()
