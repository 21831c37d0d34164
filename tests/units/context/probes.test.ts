import { beforeAll, describe, expect, test } from 'vitest';
import { knownDifferences, type Lines, playDbt, playDml, readGolden, writeGolden } from './probes.ts';

describe("every member of dbt's context", () => {
  const dbt = process.env['DML_TEST_DBT'];
  let ours: { readonly lines: Lines; readonly written: string };
  let theirs: Lines;

  beforeAll(async () => {
    if (dbt) writeGolden(await playDbt(dbt));
    theirs = readGolden();
    ours = await playDml();
  }, 300_000);

  test('is what it is in dbt, save what is listed', () => {
    const keys = [...new Set([...theirs.keys(), ...ours.lines.keys()])];
    const different = keys.filter((key) => JSON.stringify(theirs.get(key)) !== JSON.stringify(ours.lines.get(key)));
    expect(theirs.size).toBeGreaterThan(3000);
    expect(different.toSorted()).toEqual(Object.values(knownDifferences()).flat().toSorted());
  });

  test('keeps secrets out of everything that is printed or written', () => {
    expect(ours.written).toContain('print secret | string,sequence,true');
    expect(ours.written).not.toContain('hush-hush');
  });
});
