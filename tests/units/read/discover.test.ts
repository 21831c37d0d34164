import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Files, fine, minimal, readFiles } from './project.ts';

const sql = 'select 1 as id';
const files: Files = {
  ...minimal,
  'dbt_project.yml': 'name: shop\nprofile: shop\nmodel-paths: ["models/", "more"]\n',
  'models/one.sql': '\n\n select 1 as id \n\n',
  'models/UP.SQL': sql,
  'models/py.py': 'def model(dbt, session): ...',
  'models/.hidden/h.sql': sql,
  'models/.dot.sql': sql,
  'models/#e.sql': sql,
  'models/~e.sql': sql,
  'models/x.txt': sql,
  'models/sub/b.sql': '\ufeffselect 2 as id\n',
  'models/sub/c.sql': "select 'é' as id\u00a0\n",
  'models/schema.yml': 'version: 2\n',
  'models/docs.md': '{% docs d %}hi{% enddocs %}',
  'models/other.YAML': 'version: 2\n',
  'more/d.sql': 'select 3 as id',
  'more/ignored/e.sql': sql,
  'more/keep.sql': 'select 3 as id',
  'more/skip_x.sql': sql,
  '.dbtignore': 'more/ignored/\n*_x.sql\n!keep.sql\n',
  'tests/s.sql': 'select 1 where false',
  'tests/generic/g.sql': '{% test g(model) %}select 1 where false{% endtest %}',
  'tests/generic/deep/g2.sql': '{% test g2(model) %}select 1 where false{% endtest %}',
  'tests/fixtures/f.csv': 'id\n1\n',
  'tests/fixtures/f2.sql': sql,
  'tests/unit/s2.sql': 'select 1 where false',
  'macros/m.sql': '{% macro m() %}1{% endmacro %}',
  'macros/props.yml': 'macros: []\n',
  'seeds/s1.csv': 'id,v\n1,a\n\n\n',
  'seeds/big.csv': `id\n${'1234567\n'.repeat(140000)}`,
  'analyses/an.sql': 'select 1',
  'snapshots/sn.sql': '{% snapshot sn %}select 1{% endsnapshot %}',
  'functions/f.sql': 'select 1',
};

describe('the files of a package', () => {
  it('are found, named and hashed as dbt does', async () => {
    const project = fine(
      await readFiles(files, {}, (dir) => {
        mkdirSync(join(dir, 'aside/folder'), { recursive: true });
        writeFileSync(join(dir, 'aside/linked.sql'), 'select 9 as id');
        writeFileSync(join(dir, 'aside/folder/inner.sql'), 'select 9 as id');
        symlinkSync('../aside/linked.sql', join(dir, 'models/linked.sql'));
        symlinkSync('../aside/folder', join(dir, 'models/folder'));
        symlinkSync('../aside/gone.sql', join(dir, 'models/gone.sql'));
      }),
    );
    const found = project.root.files.map((f) => `${f.kind} ${f.source.path} = ${f.searchPath} + ${f.relative} ${f.checksum.slice(0, 12)}`);
    // Kinds, paths and checksums of nodes as in the manifest that dbt 1.11.16 writes for these files.
    expect(found).toEqual([
      'macro macros/m.sql = macros + m.sql 3e63c8cbd36f',
      'macro tests/generic/g.sql = tests/generic + g.sql 2300d735815b',
      'macro tests/generic/deep/g2.sql = tests/generic + deep/g2.sql 3e2450ce6b73',
      'model models/UP.SQL = models + UP.SQL 3ea0f972fa1b',
      'model models/linked.sql = models + linked.sql 9f2c35a6370f',
      'model models/one.sql = models + one.sql 3ea0f972fa1b',
      'model models/py.py = models + py.py 0f2b5c0e0c66',
      'model models/.hidden/h.sql = models + .hidden/h.sql 3ea0f972fa1b',
      'model models/sub/b.sql = models + sub/b.sql e55108c6a93d',
      'model models/sub/c.sql = models + sub/c.sql 356b5f071aa0',
      'model more/d.sql = more + d.sql 0eb20896c9f2',
      'model more/keep.sql = more + keep.sql 0eb20896c9f2',
      'snapshot snapshots/sn.sql = snapshots + sn.sql 0239840c63b2',
      'analysis analyses/an.sql = analyses + an.sql 822ae07d4783',
      'singular-test tests/s.sql = tests + s.sql a33feda3a953',
      'singular-test tests/unit/s2.sql = tests + unit/s2.sql a33feda3a953',
      'seed seeds/big.csv = seeds + big.csv seeds/big.cs',
      'seed seeds/s1.csv = seeds + s1.csv 993480574dfb',
      'docs models/docs.md = models + docs.md c489e4360e43',
      'yaml models/other.YAML = models + other.YAML 28ddc9cbecb0',
      'yaml models/schema.yml = models + schema.yml 28ddc9cbecb0',
      'yaml macros/props.yml = macros + props.yml e6a151758d0f',
      'fixture tests/fixtures/f.csv = tests/fixtures + f.csv 605096a310e4',
      'fixture tests/fixtures/f2.sql = tests/fixtures + f2.sql 3ea0f972fa1b',
      'function functions/f.sql = functions + f.sql 822ae07d4783',
    ]);
    const [one] = project.root.files.filter((f) => f.relative === 'one.sql');
    expect([one?.source.text, one?.checksumKind]).toEqual(['\n\n select 1 as id \n\n', 'sha256']);
    const seeds = project.root.files.filter((f) => f.kind === 'seed');
    expect(seeds.map((s) => [s.source.text, s.checksumKind])).toEqual([
      ['', 'path'],
      ['', 'sha256'],
    ]);
  });

  it('are each found once, whatever the search paths', async () => {
    const text = 'name: shop\nprofile: shop\nmodel-paths: [models, models/]\ndocs-paths: [models]\nmacro-paths: [models]\n';
    const { root } = fine(await readFiles({ ...minimal, 'dbt_project.yml': text, 'models/a.yml': '', 'models/b.md': '' }));
    expect(root.files.map((f) => `${f.kind} ${f.source.path}`)).toEqual([
      'macro models/one.sql',
      'model models/one.sql',
      'docs models/b.md',
      'yaml models/a.yml',
    ]);
  });

  it('must be UTF-8: the line and the byte are named, and the rest is read', async () => {
    const bad = Buffer.concat([Buffer.from("select 'é' as a,\n  'caf"), Buffer.from([0xe9]), Buffer.from("' as b\n")]);
    const reading = await readFiles({
      ...minimal,
      'models/bad.sql': bad,
      'models/cut.sql': Buffer.from([0x61, 0xe2, 0x82]),
      'seeds/s.csv': Buffer.from([0xff, 0x2c]),
    });
    expect(reading.found).toEqual(['not-utf8 models/bad.sql:2:7', 'not-utf8 models/cut.sql:1:2', 'not-utf8 seeds/s.csv:1:1']);
    expect(reading.sink.all[0]?.message).toContain('0xe9');
    expect(reading.project?.root.files.map((f) => f.source.path)).toEqual(['models/one.sql']);
  });

  it('that cannot be read are reported in the words of the system', async () => {
    // A folder where a file belongs: the one unreadable thing that root cannot read either.
    const reading = await readFiles(minimal, {}, (dir) => mkdirSync(join(dir, 'dml.yml')));
    expect(reading.found).toEqual(['file-unreadable']);
    expect(reading.sink.all[0]?.cause).toContain('EISDIR');
  });
});
