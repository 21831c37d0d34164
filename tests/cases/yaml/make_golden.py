"""Writes golden.json: what PyYAML's safe loader (the one dbt uses) makes of each text of probes.json."""

import datetime
import json
import pathlib
import sys

import yaml

HERE = pathlib.Path(__file__).parent


def key(value):
    """A key as json.dumps writes it; other scalars as str() prints them."""
    return next(iter(json.loads(json.dumps({value: 0})))) if isinstance(value, (str, int, float, bool, type(None))) else str(value)


def plain(value):
    """A value with its Python type spelled out where JSON would lose it."""
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, int):
        return {"int": str(value)}
    if isinstance(value, float):
        return {"float": repr(value)}
    if isinstance(value, (datetime.date, datetime.datetime)):
        return {"date": str(value)}
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, set):
        return {"map": [[key(k), None] for k in sorted(value)]}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    return {"map": [[key(k), plain(v)] for k, v in value.items()]}


def outcome(text):
    try:
        return {"value": plain(yaml.load(text, Loader=yaml.CSafeLoader))}
    except RecursionError:
        return {"error": "recursion"}
    except Exception as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or str(error)
        return {"error": problem, **({"at": [mark.line + 1, mark.column + 1]} if mark else {})}


probes = json.loads((HERE / "probes.json").read_text())
golden = [outcome(text) for text in probes]
json.dump(golden, sys.stdout if "--print" in sys.argv else open(HERE / "golden.json", "w"), indent=0)
