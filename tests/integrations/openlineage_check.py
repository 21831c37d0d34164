"""Rebuilds OpenLineage events (one a line of a file) with the classes that are generated from the standard, and tells as JSON what there was.

Those classes refuse members they do not know and miss none that they need.
"""
import collections
import importlib
import inspect
import json
import pkgutil
import sys
import typing

import attr
import openlineage.client.event_v2 as events
import openlineage.client.generated as generated


def facet_classes():
    """The generated facets by the end of the address of their schema: `ParentRunFacet.json#/$defs/ParentRunFacet` is `ParentRunFacet`."""
    found = {}
    for module in pkgutil.iter_modules(generated.__path__):
        for name, kind in inspect.getmembers(importlib.import_module(f"{generated.__name__}.{module.name}"), inspect.isclass):
            if attr.has(kind) and hasattr(kind, "_get_schema"):
                found[name] = kind
    return found


def convert(hint, value):
    if value is None:
        return None
    origin = typing.get_origin(hint)
    if origin is typing.Union or str(origin) == "<class 'types.UnionType'>":
        return convert(next(t for t in typing.get_args(hint) if t is not type(None)), value)
    if origin is list:
        return [convert(typing.get_args(hint)[0], item) for item in value]
    if origin is dict:
        return {key: convert(typing.get_args(hint)[1], item) for key, item in value.items()}
    return build(hint, value) if inspect.isclass(hint) and attr.has(hint) and isinstance(value, dict) else value


def build(kind, value):
    hints = typing.get_type_hints(kind)
    fields = {a.name for a in attr.fields(kind)}
    given = {key: item for key, item in value.items() if key not in ("_producer", "_schemaURL")}
    unknown = set(given) - fields
    if unknown:
        raise TypeError(f"{kind.__name__} has no {', '.join(sorted(unknown))}")
    return kind(**{key: convert(hints.get(key), item) for key, item in given.items()})


classes = facet_classes()
seen = collections.Counter()


def facets(holder, *keys):
    for key in keys:
        for name, facet in (holder.get(key) or {}).items():
            kind = classes.get(facet["_schemaURL"].rsplit("/", 1)[-1])
            # dbt-ol has facets of its own, which no standard describes.
            seen[kind.__name__ if kind else name] += 1
            if kind:
                build(kind, facet)


def dataset(kind, value, *keys):
    facets(value, "facets", *keys)
    return kind(namespace=value["namespace"], name=value["name"])


for line in open(sys.argv[1]):
    e = json.loads(line)
    facets(e["run"], "facets")
    facets(e["job"], "facets")
    events.RunEvent(
        eventType=events.RunState(e["eventType"]),
        eventTime=e["eventTime"],
        run=events.Run(runId=e["run"]["runId"]),
        job=events.Job(namespace=e["job"]["namespace"], name=e["job"]["name"]),
        producer=e["producer"],
        inputs=[dataset(events.InputDataset, d, "inputFacets") for d in e.get("inputs") or []],
        outputs=[dataset(events.OutputDataset, d, "outputFacets") for d in e.get("outputs") or []],
    )
    kind = e["job"]["facets"]["jobType"].get("jobType") or "OTHER"
    seen[f"{e['eventType']} {kind}"] += 1
    seen["events"] += 1
print(json.dumps(seen))
