"""Makes random projects and random selections, and asks dbt what each selects.

    python tests/fuzz/make_selections.py DIR SEED SELECTIONS

Writes a project into DIR (with artifacts of an earlier state of it in DIR/state), and prints a line of JSON for each selection:
{"select": [...], "exclude": [...], ...flags, "ids": [...] or "error": "..."}. Needs a Python with dbt-core 1.11 and dbt-duckdb.
"""
import contextlib
import io
import json
import os
import pathlib
import random
import shutil
import sys

os.environ["DBT_SEND_ANONYMOUS_USAGE_STATS"] = "false"
from dbt.cli.main import dbtRunner  # noqa: E402

ROOT = pathlib.Path(sys.argv[1])
rng = random.Random(int(sys.argv[2]))
COUNT = int(sys.argv[3])

FOLDERS = ["staging", "marts", "marts/core", "marts/web", "odd dir"]
TAGS = ["nightly", "hourly", "finance", "pii"]
MATERIALIZED = ["view", "table", "ephemeral", "incremental"]


def write(name, text):
    path = ROOT / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


class Project:
    """What a random project holds, kept so that selections can name it."""

    def __init__(self):
        self.models, self.files, self.tests = [], {}, []
        self.sources = [f"s{i}" for i in range(rng.randint(1, 3))]
        self.seeds = [f"seed_{i}" for i in range(rng.randint(1, 3))]
        self.write()

    def parent(self, i):
        """A call that refers to something that comes before model i."""
        options = [f"source('{s}', 't{rng.randint(0, 1)}')" for s in self.sources] + [f"ref('{s}')" for s in self.seeds]
        options += [f"ref('{m}')" for m in self.models[max(0, i - 6) : i]] * 2
        return rng.choice(options)

    def write(self):
        entries, singular = [], 0
        for i in range(rng.randint(6, 22)):
            name = rng.choice(["stg_", "fct_", "dim_", "x"]) + f"{i}"
            folder = rng.choice(FOLDERS)
            froms = ", ".join(f"{{{{ {self.parent(i)} }}}} as p{j}" for j in range(rng.choice([0, 1, 1, 2, 3])))
            config = {}
            if rng.random() < 0.5:
                config["materialized"] = rng.choice(MATERIALIZED)
            if rng.random() < 0.4:
                config["tags"] = rng.sample(TAGS, rng.randint(1, 2))
            if rng.random() < 0.2:
                config["meta"] = {"owner": rng.choice(["ann", "bob"]), "nested": {"level": rng.randint(1, 2)}}
            if rng.random() < 0.07:
                config["enabled"] = False
            versioned = rng.random() < 0.12
            sql = "select 1 as id, 2 as other" + (f" from {froms}" if froms else "")
            if versioned:
                for v in (1, 2):
                    self.files[f"models/{folder}/{name}_v{v}.sql"] = f"{sql} -- {v}\n"
            else:
                self.files[f"models/{folder}/{name}.sql"] = sql + "\n"
            entry = {"name": name, "config": config}
            if rng.random() < 0.3 and config.get("materialized") != "ephemeral":
                entry["config"]["access"] = rng.choice(["public", "protected"])
            if rng.random() < 0.25:
                entry["config"]["group"] = rng.choice(["g1", "g2"])
            if versioned:
                entry |= {"latest_version": rng.choice([1, 2]), "versions": [{"v": 1}, {"v": 2}]}
            tests = rng.sample(["not_null", "unique", {"accepted_values": {"arguments": {"values": [1]}, "config": {"tags": ["quality"]}}}], rng.randint(0, 2))
            if i and rng.random() < 0.3 and config.get("enabled", True):
                enabled = [m for m in self.models if m not in self.disabled]
                if enabled:
                    tests.append({"relationships": {"arguments": {"to": f"ref('{rng.choice(enabled)}')", "field": "id"}, "config": {"severity": "warn"}}})
            entry["columns"] = [{"name": "id", "data_tests": tests}] if tests else [{"name": "id"}]
            entries.append(entry)
            if not config.get("enabled", True):
                self.disabled.add(name)
            else:
                self.models.append(name)
            if rng.random() < 0.15 and self.models:
                a, b = rng.choice(self.models), rng.choice(self.models)
                self.files[f"tests/{rng.choice(['', 'deep/'])}check_{singular}.sql"] = f"select * from {{{{ ref('{a}') }}}} join {{{{ ref('{b}') }}}} using (id) where 1=0\n"
                singular += 1
        last = [m for m in self.models][-3:]
        unit = [
            {"name": f"unit_{m}", "model": m, "given": [], "expect": {"rows": [{"id": 1, "other": 2}]}}
            for m in last
            if rng.random() < 0.5 and not any(e["name"] == m and "versions" in e for e in entries) and " from " not in self.text_of(m)
        ]
        exposures = [
            {"name": f"board_{k}", "type": rng.choice(["dashboard", "notebook"]), "owner": {"email": "a@b.c"}, "config": {"tags": rng.sample(TAGS, 1)},
             "depends_on": [f"ref('{rng.choice(self.models)}')"]}
            for k in range(rng.randint(0, 2))
        ]
        sources = [
            {"name": s, "config": {"tags": rng.sample(TAGS, rng.randint(0, 1))}, "tables": [{"name": "t0", "columns": [{"name": "id", "data_tests": ["unique"]}]}, {"name": "t1"}]}
            for s in self.sources
        ]
        groups = [{"name": g, "owner": {"name": g}} for g in ("g1", "g2")]
        snapshots = [{"name": f"snap_{k}", "relation": f"ref('{rng.choice(self.models)}')", "config": {"unique_key": "id", "strategy": "check", "check_cols": "all"}} for k in range(rng.randint(0, 1))]
        self.exposures = [e["name"] for e in exposures]
        self.snapshots = [s["name"] for s in snapshots]
        self.units = [u["name"] for u in unit]
        half = len(entries) // 2
        self.files["models/one.yml"] = json.dumps({"models": entries[:half], "sources": sources, "groups": groups})
        self.files["models/marts/two.yml"] = json.dumps({"models": entries[half:], "exposures": exposures, "unit_tests": unit})
        if snapshots:
            self.files["snapshots/s.yml"] = json.dumps({"snapshots": snapshots})
        for s in self.seeds:
            self.files[f"seeds/{s}.csv"] = "id,other\n1,2\n"
        self.files["analyses/look.sql"] = f"select * from {{{{ ref('{rng.choice(self.models)}') }}}}\n"
        self.files["macros/m.sql"] = "{% macro used() %}1{% endmacro %}\n"
        self.files["profiles.yml"] = json.dumps({"fuzz": {"target": "dev", "outputs": {"dev": {"type": "duckdb", "path": "fuzz.duckdb"}}}})
        self.files["dbt_project.yml"] = json.dumps({"name": "fuzz", "profile": "fuzz", "models": {"fuzz": {"marts": {"+tags": ["mart"]}, "staging": {"+materialized": "view"}}}})
        for name, text in self.files.items():
            write(name, text)

    disabled = set()

    def text_of(self, model):
        return next((text for name, text in self.files.items() if name.endswith(f"/{model}.sql")), "")

    def edit(self):
        """Changes some files, so that the state that was kept differs."""
        for name in rng.sample(sorted(n for n in self.files if n.endswith(".sql") and n.startswith("models/")), 3):
            write(name, self.files[name] + rng.choice(["-- note\n", "\n\n", "where 1 = 1\n"]))
        if rng.random() < 0.5:
            write(f"seeds/{self.seeds[0]}.csv", "id,other\n1,3\n")
        if rng.random() < 0.5:
            write("models/new_one.sql", "select 3 as id\n")
            self.models.append("new_one")
        if rng.random() < 0.5:
            config = json.loads(self.files["models/one.yml"])
            for entry in config["models"][:1]:
                entry["description"] = "told anew"
                entry["config"]["materialized"] = rng.choice(["view", "table"])
            write("models/one.yml", json.dumps(config))


def method(p):
    """A selector without operators."""
    model = rng.choice(p.models + ["nowhere"])
    return rng.choice(
        [
            lambda: model,
            lambda: model,
            lambda: model,
            lambda: rng.choice(p.seeds),
            lambda: f"{model[:3]}*",
            lambda: f"fuzz.{rng.choice(FOLDERS).replace('/', '.')}",
            lambda: rng.choice(["fuzz.*", "fuzz.marts.*", "marts", "core", "staging.*", "*.core.*", "fuzz.marts.core." + model]),
            lambda: "fqn:" + rng.choice([model, "fuzz.marts", "*"]),
            lambda: "tag:" + rng.choice([*TAGS, "quality", "mart", "n*", "nope"]),
            lambda: "path:" + rng.choice(["models/marts", "models/marts/core", "models/*", "models", "models/odd dir", "seeds", "tests", "models/one.yml", "models/**/*.sql", "./models/staging"]),
            lambda: f"models/{rng.choice(FOLDERS)}",
            lambda: f"file:{model}.sql",
            lambda: f"file:{model}",
            lambda: "file:two.yml",
            lambda: "package:" + rng.choice(["fuzz", "this", "other", "f*"]),
            lambda: "config.materialized:" + rng.choice(MATERIALIZED + ["seed", "snapshot", "test"]),
            lambda: "config." + rng.choice(["meta.owner:ann", "meta.nested.level:1", "tags:nightly", "severity:warn", "severity:ERROR", "enabled:true", "enabled:True", "group:g1"]),
            lambda: "source:" + rng.choice([*p.sources, f"{p.sources[0]}.t0", "*", "s*.t1", f"fuzz.{p.sources[0]}.t0"]),
            lambda: "exposure:" + rng.choice([*p.exposures, "*", "fuzz.*", "nope"]),
            lambda: "resource_type:" + rng.choice(["model", "source", "exposure", "unit_test", "test", "seed", "snapshot", "analysis"]),
            lambda: "test_type:" + rng.choice(["generic", "singular", "unit", "data"]),
            lambda: "test_name:" + rng.choice(["unique", "not_null", "relationships", "accepted_values", "u*"]),
            lambda: "group:" + rng.choice(["g1", "g2", "g*"]),
            lambda: "access:" + rng.choice(["public", "protected", "private"]),
            lambda: "version:" + rng.choice(["latest", "old", "prerelease", "none"]),
            lambda: "unit_test:" + rng.choice([*p.units, "*", "unit_*"]),
            lambda: "state:" + rng.choice(["modified", "new", "old", "unmodified", "modified.body", "modified.configs", "modified.relation", "modified.macros", "modified.contract"]),
            lambda: "result:" + rng.choice(["error", "success", "skipped", "pass", "fail", "warn"]),
        ]
    )()


def term(p):
    text = method(p)
    roll = rng.random()
    if roll < 0.08:
        return "@" + text
    if roll < 0.35:
        text = rng.choice(["+", "+", "1+", "2+", "10+"]) + text
    if rng.random() < 0.3:
        text += rng.choice(["+", "+", "+1", "+3"])
    return text


def expression(p):
    return ",".join(term(p) for _ in range(rng.choice([1, 1, 1, 1, 2, 2, 3])))


def definition(p, depth=0):
    """A definition of selectors.yml."""
    roll = rng.random()
    if roll < 0.35 or depth > 2:
        return expression(p)
    if roll < 0.65:
        name, _, value = method(p).rpartition(":")
        out = {"method": name or "fqn", "value": value}
        for key in ("parents", "children", "childrens_parents"):
            if rng.random() < 0.2:
                out[key] = True
                if key != "childrens_parents" and rng.random() < 0.4:
                    out[f"{key}_depth"] = rng.randint(1, 2)
        if out.get("childrens_parents") and out.get("parents"):
            del out["childrens_parents"]
        if rng.random() < 0.3:
            out["indirect_selection"] = rng.choice(["eager", "cautious", "buildable", "empty"])
        if rng.random() < 0.2:
            out["exclude"] = [expression(p)]
        return out
    parts = [definition(p, depth + 1) for _ in range(rng.randint(1, 3))]
    if rng.random() < 0.3:
        parts.append({"exclude": [definition(p, depth + 2)]})
    return {rng.choice(["union", "intersection"]): parts}


def selection(p, selectors):
    out = {}
    if selectors and rng.random() < 0.25:
        out["selector"] = rng.choice(selectors)
    else:
        if rng.random() < 0.9:
            out["select"] = [expression(p) for _ in range(rng.choice([1, 1, 2, 3]))]
        if rng.random() < 0.35:
            out["exclude"] = [expression(p) for _ in range(rng.choice([1, 1, 2]))]
    if rng.random() < 0.35:
        out["indirect_selection"] = rng.choice(["eager", "cautious", "buildable", "empty"])
    kinds = ["model", "source", "exposure", "unit_test", "test", "seed", "snapshot", "analysis"]
    if rng.random() < 0.2:
        out["resource_types"] = rng.sample(kinds, rng.randint(1, 3))
    if rng.random() < 0.1:
        out["exclude_resource_types"] = rng.sample(kinds, rng.randint(1, 2))
    return out


def argv_of(s):
    argv = ["ls", "--output", "json", "--output-keys", "unique_id", "--state", "state", "--quiet"]
    for key in ("select", "exclude"):
        if key in s:
            argv += [f"--{key}", *s[key]]
    if "selector" in s:
        argv += ["--selector", s["selector"]]
    if "indirect_selection" in s:
        argv += ["--indirect-selection", s["indirect_selection"]]
    for key, flag in (("resource_types", "--resource-type"), ("exclude_resource_types", "--exclude-resource-type")):
        if key in s:
            argv += [flag, *s[key]]
    return argv


def invoke(argv, manifest=None):
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        return dbtRunner(manifest=manifest).invoke(argv)


def main():
    shutil.rmtree(ROOT, ignore_errors=True)
    ROOT.mkdir(parents=True)
    os.chdir(ROOT)
    p = Project()
    parsed = invoke(["parse", "--quiet"])
    if not parsed.success:
        raise SystemExit(f"dbt cannot parse what was made: {parsed.exception}")
    (ROOT / "state").mkdir()
    shutil.copy("target/manifest.json", "state/manifest.json")
    nodes = json.loads(pathlib.Path("state/manifest.json").read_text())["nodes"]
    meta = {"dbt_schema_version": "https://schemas.getdbt.com/dbt/run-results/v6.json", "dbt_version": "1.11.16", "generated_at": "2026-01-01T00:00:00Z", "invocation_id": None, "env": {}}
    outcome = {"model": ["success", "error", "skipped"], "seed": ["success"], "snapshot": ["success", "error"], "test": ["pass", "fail", "warn", "skipped"]}
    results = [
        {"status": rng.choice(outcome[n["resource_type"]]), "timing": [], "thread_id": "t", "execution_time": 0.1, "adapter_response": {}, "message": None, "failures": None,
         "unique_id": i, "compiled": True, "compiled_code": None, "relation_name": None, "batch_results": None}
        for i, n in nodes.items()
        if n["resource_type"] in outcome
    ]
    write("state/run_results.json", json.dumps({"metadata": meta, "results": results, "elapsed_time": 1.0, "args": {}}))
    p.edit()
    names = [f"sel_{i}" for i in range(4)]
    selectors = [{"name": n, "definition": definition(p)} for n in names]
    selectors.append({"name": "inherits", "definition": {"union": [{"method": "selector", "value": names[0]}, {"exclude": [{"method": "selector", "value": names[1]}]}]}})
    write("selectors.yml", json.dumps({"selectors": selectors}))
    parsed = invoke(["parse", "--quiet"])
    if not parsed.success:
        # A definition that dbt refuses as a whole: do without.
        (ROOT / "selectors.yml").unlink()
        selectors = []
        parsed = invoke(["parse", "--quiet"])
        if not parsed.success:
            raise SystemExit(f"dbt cannot parse what was changed: {parsed.exception}")
    for _ in range(COUNT):
        s = selection(p, [x["name"] for x in selectors])
        answer = invoke(argv_of(s), parsed.result)
        if answer.exception is not None:
            s["error"] = f"{type(answer.exception).__name__}: {answer.exception}"
        else:
            s["ids"] = sorted(json.loads(line)["unique_id"] for line in answer.result or [])
        print(json.dumps(s), flush=True)


main()
