"""Reads every artifact of a folder with dbt-artifacts-parser, and tells as JSON which versions it found."""
import json
import pathlib
import sys

from dbt_artifacts_parser.parser import parse_catalog, parse_manifest, parse_run_results, parse_sources

READERS = {"manifest": parse_manifest, "run_results": parse_run_results, "catalog": parse_catalog, "sources": parse_sources}
target = pathlib.Path(sys.argv[1])
print(json.dumps({name: type(read(json.loads((target / f"{name}.json").read_text()))).__name__ for name, read in READERS.items()}))
