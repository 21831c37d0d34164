"""Writes dbt-flags.json: the commands of dbt Core, and what each of them takes. Run it with a Python that has dbt-core:

    python tests/cli/make_dbt_flags.py
"""
import json
import pathlib

import click
from dbt.cli.main import cli
from dbt.contracts.project import ProjectFlags
from dbt.version import __version__

HERE = pathlib.Path(__file__).parent


def option(param):
    """One option: its spellings, those that turn it off, its environment variables and the kind of its value."""
    several = param.multiple or type(param).__name__ == "MultiOption"
    whole = isinstance(param.type, click.types.IntParamType)
    out = {
        "name": param.name,
        "spellings": param.opts + param.secondary_opts,
        "env": [param.envvar] if isinstance(param.envvar, str) else list(param.envvar or []),
        "kind": "switch" if param.is_flag else "list" if several else "integer" if whole else "text",
    }
    if getattr(param.type, "choices", None):
        out["choices"] = sorted(param.type.choices)
    return out


def commands(group, words=()):
    for name, command in sorted(group.commands.items()):
        if isinstance(command, click.Group):
            yield from commands(command, (*words, name))
        else:
            yield " ".join((*words, name)), command


def options(command):
    return [option(p) for p in command.params if isinstance(p, click.Option)]


everywhere = options(cli)
names = {o["name"] for o in everywhere}
lines = [f'"dbt": {json.dumps(__version__)}', f'"project": {json.dumps(sorted(ProjectFlags.__dataclass_fields__))}']


def listed(key, found):
    """The options of a command, one a line."""
    lines.append(f"{json.dumps(key)}: [\n  " + ",\n  ".join(json.dumps(o) for o in found) + "\n ]")


listed("everywhere", everywhere)
for name, command in commands(cli):
    listed(name, [o for o in options(command) if o["name"] not in names])
(HERE / "dbt-flags.json").write_text("{\n " + ",\n ".join(lines) + "\n}\n")
