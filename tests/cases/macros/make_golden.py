"""Renders cases.txt with real dbt and writes golden.json.

Needs dbt-core with dbt-duckdb, and dbt-postgres for the Postgres column (its driver never connects). Run with that Python:
    python tests/cases/macros/make_golden.py
"""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

here = pathlib.Path(__file__).parent
PREAMBLE = """
{%- set rel = api.Relation.create(database='db', schema='sch', identifier='tab', type='table') -%}
{%- set other = api.Relation.create(database='db', schema='sch', identifier='other', type='table') -%}
{%- set view = api.Relation.create(database='db', schema='sch', identifier='v', type='view') -%}
{%- set mv = api.Relation.create(database='db', schema='sch', identifier='mv', type='materialized_view') -%}
{%- set tmp = api.Relation.create(identifier='tab__dbt_tmp', type='table') -%}
{%- set cols = [api.Column('id', 'integer'), api.Column('Name', 'character varying', 30)] -%}
"""
# A compile stops at its first error; these cases are meant to fail one by one.
LAUNCH = 'from dbt.cli.main import cli; from dbt.task.compile import CompileTask; CompileTask.raise_on_first_error = lambda self: False; cli()'
PROFILES = {
    'duckdb': {'type': 'duckdb', 'path': 'golden.duckdb', 'schema': 'main', 'threads': 1},
    'postgres': {'type': 'postgres', 'host': 'nowhere.invalid', 'user': 'u', 'password': 'p', 'port': 5432, 'dbname': 'golden', 'schema': 'main', 'threads': 1},
}


def cases():
    for line in (here / 'cases.txt').read_text().splitlines():
        if not line or line.startswith('#'):
            continue
        config = {}
        if line.startswith('{"'):
            config, end = json.JSONDecoder().raw_decode(line)
            line = line[end:].lstrip()
        yield config, line


def squeeze(text):
    """Without comment lines, runs of white space as one space."""
    return ' '.join(word for line in text.splitlines() if not line.strip().startswith('--') for word in line.split())


def render(adapter, wanted):
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        (root / 'models').mkdir()
        (root / 'dbt_project.yml').write_text('name: golden\nversion: "1.0"\nconfig-version: 2\nprofile: golden\n')
        (root / 'profiles.yml').write_text(json.dumps({'golden': {'target': 'dev', 'outputs': {'dev': PROFILES[adapter]}}}))
        for i, (config, body) in enumerate(wanted):
            given = '{{ config(**%s) }}' % repr(config) if config else ''
            text = given + '{%- if execute -%}' + PREAMBLE + '<<<' + body + '>>>{%- endif -%}'
            (root / 'models' / f'case_{i:03}.sql').write_text(text)
        env = dict(os.environ, DBT_SEND_ANONYMOUS_USAGE_STATS='false', DBT_PROFILES_DIR=folder)
        command = [sys.executable, '-c', LAUNCH, '--no-populate-cache', 'compile', '--project-dir', folder]
        subprocess.run(command, cwd=folder, env=env, stdout=None if '-v' in sys.argv else subprocess.DEVNULL)
        results = json.loads((root / 'target' / 'run_results.json').read_text())['results']
        found = {}
        for result in results:
            number = int(result['unique_id'].rsplit('_', 1)[1])
            code = result.get('compiled_code') or ''
            if result['status'] == 'success':
                found[number] = {'text': squeeze(code.split('<<<', 1)[1].rsplit('>>>', 1)[0])}
            else:
                # The first line names the kind and the node, the last ones the macro stack.
                message = (result['message'] or '').split('\n', 1)[-1]
                found[number] = {'error': re.split(r' > (?:in|called by) ', squeeze(message))[0]}
        return [found.get(i, {'error': 'no result'}) for i in range(len(wanted))]


if __name__ == '__main__':
    wanted = list(cases())
    columns = {adapter: render(adapter, wanted) for adapter in PROFILES}
    out = [{'config': c, 'body': b, **{a: columns[a][i] for a in PROFILES}} for i, (c, b) in enumerate(wanted)]
    (here / 'golden.json').write_text('[\n' + ',\n'.join(json.dumps(o, ensure_ascii=False) for o in out) + '\n]\n')
    print(len(out), 'cases')
