"""Writes, beside each document of this folder, what dbt makes of its projects: PYTHON make_golden.py DBT [DOCUMENT...].

DBT is the path of dbt's command (DML_TEST_DBT when it is not given). For each case the manifest is reduced to facts: what each
resource has that differs from the most common value of its kind, so that the files stay small.
"""

import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

HERE = Path(__file__).resolve().parent
MARKER = re.compile(r"[ \t]*(?:--|#) (error|warning): (\d+) \[([a-z0-9-]+)\]$")
# Of another process, another time, another version, or another library of macros.
VOLATILE = {"created_at", "compiled", "compiled_code", "extra_ctes", "extra_ctes_injected", "build_path", "compiled_path", "root_path", "metrics", "functions", "defer_relation", "dbt_version"}
SECTIONS = ["nodes", "sources", "macros", "docs", "exposures", "groups", "unit_tests", "metrics", "semantic_models", "saved_queries", "disabled"]


def cases(text):
    shared, found, told = [], [], ""
    lines = text.split("\n")
    i = 0
    while i < len(lines):
        line = lines[i]
        if line.startswith("## "):
            found.append({"name": line[3:], "files": list(shared), "command": "dml parse"})
        if line.startswith("```"):
            end = lines.index("```", i + 1)
            command = re.match(r"^```\S+ output of `(.+)`$", line)
            if command:
                found[-1]["command"] = command[1]
            else:
                body = [MARKER.sub("", each) for each in lines[i + 1 : end]]
                (found[-1]["files"] if found else shared).append((re.match(r"^`([^`]+)`:$", told)[1], "".join(f"{each}\n" for each in body)))
            i = end
        elif line.strip():
            told = line
        i += 1
    return found


def manifest(case, dbt):
    with tempfile.TemporaryDirectory() as home:
        for name, text in case["files"]:
            file = Path(home, name)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        env = {**os.environ, "DBT_SEND_ANONYMOUS_USAGE_STATS": "false", "DO_NOT_TRACK": "1"}
        done = subprocess.run([dbt, *shlex.split(case["command"])[1:], "--no-partial-parse"], cwd=home, env=env, capture_output=True, text=True)
        target = Path(home, "target", "manifest.json")
        if done.returncode != 0 or not target.exists():
            raise RuntimeError(f"{case['name']}: dbt failed\n{done.stdout}{done.stderr}")
        return json.loads(target.read_text())


def internal(unique_id):
    return re.match(r"^(macro|doc)\.dbt(_duckdb)?\.", unique_id)


def plain(resource):
    out = {k: v for k, v in resource.items() if k not in VOLATILE}
    if "depends_on" in out:
        # Which of dbt's own macros are called is not compared: dml's library is built otherwise.
        out["depends_on"] = {k: sorted(v) if k == "nodes" else sorted(m for m in v if not internal(m)) for k, v in out["depends_on"].items()}
    return out


def facts(manifest):
    out = {}
    for section in SECTIONS:
        resources = {}
        for unique_id, resource in manifest[section].items():
            if internal(unique_id):
                continue
            if section == "disabled":
                for i, each in enumerate(resource):
                    resources[f"{unique_id} {i}"] = plain(each)
            else:
                resources[unique_id] = plain(resource)
        if resources:
            out[section] = reduced(resources)
    for section in ["parent_map", "child_map"]:
        out[section] = {k: sorted(v) for k, v in sorted(manifest[section].items()) if v and not internal(k)}
    return out


def reduced(resources):
    """`common`: by kind, the most common value of each field (and of each key of config); `each`: what a resource has instead, null where it has none."""
    kinds = {}
    for resource in resources.values():
        kinds.setdefault(resource["resource_type"], []).append(flat(resource))
    common = {}
    for kind, members in sorted(kinds.items()):
        common[kind] = {}
        for field in sorted({f for m in members for f in m}):
            counts = Counter(json.dumps(m[field], sort_keys=True) for m in members if field in m)
            value, times = counts.most_common(1)[0]
            if times > 1 or len(members) == 1 and field.startswith("config."):
                common[kind][field] = json.loads(value)
    each = {}
    for unique_id, resource in sorted(resources.items()):
        own, base = flat(resource), common[resource["resource_type"]]
        differing = {f: v for f, v in sorted(own.items()) if f not in base or base[f] != v or type(base[f]) is not type(v)}
        absent = sorted(f for f in base if f not in own)
        each[unique_id] = {"kind": resource["resource_type"], **differing, **({"absent": absent} if absent else {})}
    return {"common": common, "each": each}


def flat(resource):
    out = {}
    for field, value in resource.items():
        if field == "config" and isinstance(value, dict):
            for key, setting in value.items():
                out[f"config.{key}"] = setting
        elif field != "resource_type":
            out[field] = value
    return out


def main():
    dbt, *names = [*sys.argv[1:], *([os.environ["DML_TEST_DBT"]] if len(sys.argv) == 1 else [])]
    failed = False
    for document in sorted(HERE.glob("*.md")):
        if names and document.stem not in names:
            continue
        try:
            golden = {case["name"]: facts(manifest(case, dbt)) for case in cases(document.read_text())}
        except RuntimeError as problem:
            print(document.stem, problem, sep="\n", file=sys.stderr)
            failed = True
            continue
        document.with_suffix(".json").write_text(json.dumps(golden, indent=1, ensure_ascii=False, sort_keys=True) + "\n")
        print(document.stem)
    return 1 if failed else 0


sys.exit(main())
