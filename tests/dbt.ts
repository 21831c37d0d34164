// What tests ask of dbt itself and of Python packages around it. DML_DBT_PYTHON names a Python that has them; without one these tests are skipped.
import { execFileSync, spawnSync } from 'node:child_process';

export const python = process.env['DML_DBT_PYTHON'] ?? 'python3';
const imports = (module: string) => spawnSync(python, ['-c', `import ${module}`], { stdio: 'ignore' }).status === 0;

/** Whether dbt-core is there, which holds the schemas of its artifacts, and jsonschema. */
export const hasDbt = imports('dbt.artifacts.schemas.manifest, jsonschema');
/** Whether the PyPI package dbt-artifacts-parser is there, whose models were made from the published schemas. */
export const hasParser = imports('dbt_artifacts_parser.parser');

const SCHEMAS = `
import json, sys
from jsonschema import Draft202012Validator
from dbt.artifacts.schemas.manifest import WritableManifest
from dbt.artifacts.schemas.run import RunResultsArtifact
from dbt.artifacts.schemas.catalog import CatalogArtifact
for name, kind in (("manifest", WritableManifest), ("run_results", RunResultsArtifact), ("catalog", CatalogArtifact)):
    document = json.load(open(f"{sys.argv[1]}/{name}.json"))
    for e in list(Draft202012Validator(kind.json_schema()).iter_errors(document))[:20]:
        print(name, list(e.absolute_path), e.message[:300])
    kind.read_and_check_versions(f"{sys.argv[1]}/{name}.json") if hasattr(kind, "read_and_check_versions") else None
    print("checked", name)
`;

/** Checks manifest.json, run_results.json and catalog.json of a folder by dbt's schemas: a line for each mistake, and one for each file checked. */
export function checkBySchemas(dir: string): readonly string[] {
  return execFileSync(python, ['-c', SCHEMAS, dir], { encoding: 'utf8' }).trim().split('\n');
}

const PARSER = `
import json, sys
from dbt_artifacts_parser import parser
for name in ("manifest", "run_results", "catalog"):
    document = json.load(open(f"{sys.argv[1]}/{name}.json"))
    print(type(getattr(parser, f"parse_{name}")(document)).__name__)
`;

/** Reads the artifacts of a folder with dbt-artifacts-parser; answers the names of the models it takes them for. */
export function readWithParser(dir: string): readonly string[] {
  return execFileSync(python, ['-c', PARSER, dir], { encoding: 'utf8' }).trim().split('\n');
}
