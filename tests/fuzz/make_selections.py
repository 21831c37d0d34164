"""Makes random projects and random selections, and asks dbt what each selects.

    python tests/fuzz/make_selections.py DIR SEED SELECTIONS

Writes a project into DIR (with artifacts of an earlier state of it in DIR/state), and prints a line of JSON for each selection:
{"select": [...], "exclude": [...], ...flags, "ids": [...] or "error": "..."}. The last line is {"files": the project of the state, "edited": what was
written after it}. Needs a Python with dbt-core 1.11 and dbt-duckdb.
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


# The files as they were when the state was kept, and what was written after that.
WRITTEN = [{}]


def write(name, text):
    WRITTEN[-1][name] = text
    path = ROOT / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


class Project:
    """What a random project holds, kept so that selections can name it."""

    def __init__(self):
        self.models, self.files, self.functions = [], {}, []
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
            other = rng.choice(["2", "2", "{{ used() }}"])
            sql = f"select 1 as id, {other} as other" + (f" from {froms}" if froms else "")
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
        self.semantics(entries)
        self.package()
        if rng.random() < 0.5:
            self.functions.append("plus")
            self.files["functions/plus.sql"] = "a + b\n"
            self.files["functions/plus.yml"] = json.dumps({"functions": [{"name": "plus", "config": {"tags": rng.sample(TAGS, 1)}, "arguments": [{"name": "a", "data_type": "int"}, {"name": "b", "data_type": "int"}], "returns": {"data_type": "int"}}]})
            self.files[f"models/{rng.choice(FOLDERS)}/calls.sql"] = "select {{ function('plus') }}(1, 2) as id\n"
            self.models.append("calls")
        self.files["analyses/look.sql"] = f"select * from {{{{ ref('{rng.choice(self.models)}') }}}}\n"
        self.files["macros/m.sql"] = "{% macro used() %}1{% endmacro %}\n"
        self.files["profiles.yml"] = json.dumps({"fuzz": {"target": "dev", "outputs": {"dev": {"type": "duckdb", "path": "fuzz.duckdb"}}}})
        self.files["dbt_project.yml"] = json.dumps({"name": "fuzz", "profile": "fuzz", "models": {"fuzz": {"marts": {"+tags": ["mart"]}, "staging": {"+materialized": "view"}}}})
        for name, text in self.files.items():
            write(name, text)

    def semantics(self, entries):
        """A semantic model with metrics and a saved query on one of the models."""
        self.metrics, self.semantic_models, self.saved_queries = [], [], []
        plain = [e["name"] for e in entries if e["name"] in self.models and "versions" not in e and e["config"].get("materialized") != "ephemeral"]
        if rng.random() < 0.4 or not plain:
            return
        self.files["models/days.sql"] = "select cast('2026-01-01' as date) as day\n"
        self.models.append("days")
        tags = lambda: {"config": {"tags": rng.sample(TAGS, rng.randint(0, 1))}}
        measured = {"name": "rows_of", "model": f"ref('{rng.choice(plain)}')", "defaults": {"agg_time_dimension": "at"},
                    "entities": [{"name": "thing", "type": "primary", "expr": "id"}], "measures": [{"name": "count_of", "agg": "count", "expr": "id"}, {"name": "total", "agg": "sum", "expr": "other"}],
                    "dimensions": [{"name": "at", "type": "time", "type_params": {"time_granularity": "day"}}]} | tags()
        metrics = [{"name": "many", "label": "many", "type": "simple", "type_params": {"measure": "count_of"}}, {"name": "much", "label": "much", "type": "simple", "type_params": {"measure": "total"}},
                   {"name": "each", "label": "each", "type": "ratio", "type_params": {"numerator": "much", "denominator": "many"}}]
        saved = {"name": "kept", "query_params": {"metrics": ["each"], "group_by": ["TimeDimension('thing__at', 'day')"]}} | tags()
        spine = {"name": "days", "time_spine": {"standard_granularity_column": "day"}, "columns": [{"name": "day", "granularity": "day"}]}
        self.semantic_models, self.metrics, self.saved_queries = ["rows_of"], ["many", "much", "each"], ["kept"]
        self.files["models/semantic.yml"] = json.dumps({"models": [spine], "semantic_models": [measured], "metrics": [m | tags() for m in metrics], "saved_queries": [saved]})

    def package(self):
        """An installed package, whose names may be those of the project."""
        if rng.random() < 0.4:
            return
        self.files["dbt_packages/extra/dbt_project.yml"] = json.dumps({"name": "extra"})
        self.files["dbt_packages/extra/models/staging/base.sql"] = "select 1 as id\n"
        self.files["dbt_packages/extra/models/more.sql"] = "{{ config(tags=['finance']) }} select * from {{ ref('base') }}\n"
        self.files["dbt_packages/extra/models/extra.yml"] = json.dumps({"models": [{"name": "base", "columns": [{"name": "id", "data_tests": ["unique"]}]}], "sources": [{"name": "s0", "tables": [{"name": "t9"}]}]})
        self.models += ["base", "more"]
        self.files[f"models/{rng.choice(FOLDERS)}/over.sql"] = "select * from {{ ref('extra', 'more') }}\n"
        self.models.append("over")

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
            write("macros/m.sql", "{% macro used() %}3{% endmacro %}\n")
        if rng.random() < 0.5:
            config = json.loads(self.files["models/one.yml"])
            for entry in config["models"][:1]:
                entry["description"] = "told anew"
                entry["config"]["materialized"] = rng.choice(["view", "table"])
            for entry in config["models"][1:3]:
                alias = {} if "versions" in entry else {"alias": f"renamed_{entry['name']}"}
                entry["config"] |= rng.choice([alias, {"schema": "elsewhere"}, {"persist_docs": {"relation": True}, "meta": {"owner": "eve"}}])
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
            lambda: "state:" + rng.choice(["modified.persisted_descriptions", "modified", "new", "old"]),
            lambda: "source_status:" + rng.choice(["fresher", "fresher", "older"]),
            lambda: "metric:" + rng.choice([*p.metrics, "m*", "fuzz.many", "*"]),
            lambda: "semantic_model:" + rng.choice([*p.semantic_models, "*", "fuzz.rows_of"]),
            lambda: "saved_query:" + rng.choice([*p.saved_queries, "*", "nope"]),
            lambda: rng.choice([*p.functions, *p.metrics, *p.saved_queries, *p.semantic_models, *p.exposures, *p.units, *p.snapshots, "nope"]),
            lambda: rng.choice(["extra.*", "extra", "extra.staging", "base", "more", "*.more", "package:extra", "source:extra.s0", "source:extra.s0.t9", "path:dbt_packages/extra", "models/more.sql"]),
            lambda: rng.choice([f"{model[:2]}?", f"?{model[1:]}", f"[a-z]{model[1:]}", f"[!a-z]{model[1:]}", "*_*", f"{model}*", f"fuzz.*.{model}", f"{model}.v1", f"{model}_v2", f"{model}.v*", "fuzz.m?rts", "marts.c*"]),
            lambda: "config." + rng.choice(["tags:n*", "materialized:v*", "meta.owner:bob", "meta:ann", "access:public", "alias:nope", "where:nope", "severity:error", "store_failures:false", "contract.enforced:false", "docs.show:true", "enabled:false", "unique_key:id"]),
            lambda: "resource_type:" + rng.choice(["metric", "semantic_model", "saved_query", "function", "macro", "operation"]),
            lambda: "test_name:" + rng.choice([*p.units, "expression", "check_*", "unit_*"]),
            lambda: "file:" + rng.choice(["*.sql", "*.yml", "s.yml", "semantic*", "unique.sql", "plus.sql", "check_0", "seed_?.csv", "seed_0"]),
            lambda: "result:" + rng.choice(["error", "success", "skipped", "pass", "fail", "warn"]),
        ]
    )()


# What nobody can mean; dbt refuses some of them, and takes others for the names of nothing.
BAD = ["colour:red", "state:nope", "state:modified.nope", "test_type:nope", "resource_type:nope", "version:nope", "source:a.b.c.d", "exposure:a.b.c", "metric:a.b.c", "unit_test:a.b.c",
       "semantic_model:a.b.c", "saved_query:a.b.c", "@many+", "@", "+", "fqn:", "tag:", ":x", "config.nope", "config:x", "tag.x:nightly", "1+", "+2+", "++x", "x++", "x+y", "a:b:c", "selector:sel_0",
       "source_status:", "result:", "group:", "access:", "path:", "path:/", "path:../x", "file:", "package:", "@+x", "'x'", "x,", ",x", ",", "x,,y", "*", "**", "[", "[a", "x]", "x-y", "fqn:a.b.c.d.e", "unknown.fqn:x"]


def term(p):
    text = method(p) if rng.random() > 0.03 else rng.choice(BAD)
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
        out["selector"] = rng.choice([*selectors, "nope"] if rng.random() < 0.1 else selectors)
    else:
        if rng.random() < 0.9:
            out["select"] = [expression(p) for _ in range(rng.choice([1, 1, 2, 3]))]
        if rng.random() < 0.35:
            out["exclude"] = [expression(p) for _ in range(rng.choice([1, 1, 2]))]
    if rng.random() < 0.35:
        out["indirect_selection"] = rng.choice(["eager", "cautious", "buildable", "empty"])
    kinds = ["model", "source", "exposure", "unit_test", "test", "seed", "snapshot", "analysis", "metric", "semantic_model", "saved_query", "function", "all", "default"]
    if rng.random() < 0.2:
        out["resource_types"] = rng.sample(kinds, rng.randint(1, 3))
    if rng.random() < 0.1:
        # dbt falls over `default` here.
        out["exclude_resource_types"] = rng.sample(kinds[:-1], rng.randint(1, 2))
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


def told(exception):
    return f"{type(exception).__name__}: {exception}"


def freshness(sources, day):
    """Results of sources.json: some sources have newer rows on the second day, some were not looked at."""
    return [
        {"unique_id": i, "max_loaded_at": f"2026-01-0{day if rng.random() < 0.5 else 1}T00:00:00Z", "snapshotted_at": "2026-01-03T00:00:00Z", "max_loaded_at_time_ago_in_s": 1.0, "status": "pass",
         "criteria": {"warn_after": {"count": None, "period": None}, "error_after": {"count": None, "period": None}, "filter": None}, "adapter_response": {}, "timing": [], "thread_id": "t", "execution_time": 0.1}
        for i in sources
        if rng.random() < 0.8
    ]


def main():
    shutil.rmtree(ROOT, ignore_errors=True)
    ROOT.mkdir(parents=True)
    os.chdir(ROOT)
    p = Project()
    parsed = invoke(["parse", "--quiet"])
    if not parsed.success:
        raise SystemExit(f"dbt cannot parse what was made: {parsed.exception}")
    WRITTEN.append({})
    (ROOT / "state").mkdir()
    shutil.copy("target/manifest.json", "state/manifest.json")
    manifest = json.loads(pathlib.Path("state/manifest.json").read_text())
    nodes, nodes_of = manifest["nodes"], sorted(manifest["sources"])
    meta = {"dbt_schema_version": "https://schemas.getdbt.com/dbt/run-results/v6.json", "dbt_version": "1.11.16", "generated_at": "2026-01-01T00:00:00Z", "invocation_id": None, "env": {}}
    outcome = {"model": ["success", "error", "skipped"], "seed": ["success"], "snapshot": ["success", "error"], "test": ["pass", "fail", "warn", "skipped"]}
    results = [
        {"status": rng.choice(outcome[n["resource_type"]]), "timing": [], "thread_id": "t", "execution_time": 0.1, "adapter_response": {}, "message": None, "failures": None,
         "unique_id": i, "compiled": True, "compiled_code": None, "relation_name": None, "batch_results": None}
        for i, n in nodes.items()
        if n["resource_type"] in outcome
    ]
    write("state/run_results.json", json.dumps({"metadata": meta, "results": results, "elapsed_time": 1.0, "args": {}}))
    for at, folder in ((1, "state"), (2, "target")):
        if rng.random() < 0.7 or at == 1:
            write(f"{folder}/sources.json", json.dumps({"metadata": meta | {"dbt_schema_version": "https://schemas.getdbt.com/dbt/sources/v3.json"}, "results": freshness(nodes_of, at), "elapsed_time": 1.0}))
    p.edit()
    names = [f"sel_{i}" for i in range(4)]
    selectors = [{"name": n, "definition": definition(p)} for n in names]
    selectors.append({"name": "inherits", "definition": {"union": [{"method": "selector", "value": names[0]}, {"exclude": [{"method": "selector", "value": names[1]}]}]}})
    if rng.random() < 0.2:
        rng.choice(selectors)["default"] = True
    write("selectors.yml", json.dumps({"selectors": selectors}))
    parsed = invoke(["parse", "--quiet"])
    if not parsed.success:
        # A definition that dbt refuses, whatever is selected: that is one answer, and then it goes without.
        (ROOT / "selectors.yml").rename(ROOT / "refused.yml")
        WRITTEN[-1]["refused.yml"] = WRITTEN[-1].pop("selectors.yml")
        print(json.dumps({"refused": "refused.yml", "error": told(parsed.exception)}), flush=True)
        selectors = []
        parsed = invoke(["parse", "--quiet"])
        if not parsed.success:
            raise SystemExit(f"dbt cannot parse what was changed: {parsed.exception}")
    for _ in range(COUNT):
        s = selection(p, [x["name"] for x in selectors])
        answer = invoke(argv_of(s), parsed.result)
        if answer.exception is not None:
            s["error"] = told(answer.exception)
        else:
            s["ids"] = sorted(json.loads(line)["unique_id"] for line in answer.result or [])
        print(json.dumps(s), flush=True)
    print(json.dumps({"files": WRITTEN[0], "edited": WRITTEN[1]}), flush=True)


main()
