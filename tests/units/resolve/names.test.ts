// Names and ids of generic tests against what dbt's own functions answer for 260 generated combinations of arguments.
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { Dict, jsonLoads } from '../../../src/jinja/index.ts';
import { testHash, testNames } from '../../../src/resolve/tests.ts';

interface Golden {
  readonly name: string;
  readonly namespace: string | null;
  readonly kind: 'node' | 'source';
  readonly target: string;
  readonly version: string | number | null;
  /** JSON as text: a float without a fraction (`1.0`) must stay one. */
  readonly args: string;
  readonly short: string;
  readonly full: string;
  readonly hash: string;
}

const golden = JSON.parse(fs.readFileSync(path.resolve(import.meta.dirname, '../../cases/resolve/test-names.json'), 'utf8')) as readonly Golden[];

describe('generic tests', () => {
  test('are named as dbt names them', () => {
    expect(golden.length).toBeGreaterThan(200);
    const ours = golden.map((g) => {
      const args = argsOf(g);
      const type = `${g.namespace === null ? '' : `${g.namespace}_`}${g.kind === 'source' ? 'source_' : ''}${g.name}`;
      const { short, full } = testNames(type, g.version === null ? g.target : `${g.target}_v${g.version}`, args);
      return { args: g.args, short, full, hash: testHash(full, g.namespace, g.name, args) };
    });
    expect(ours).toEqual(golden.map(({ args, short, full, hash }) => ({ args, short, full, hash })));
  });

  test('a short name has fewer than 64 characters, and only a long name is cut', () => {
    for (const g of golden) {
      const names = testNames(g.name, g.target, argsOf(g));
      expect(names.short.length).toBeLessThan(64);
      if (names.full.length < 64) expect(names.short).toBe(names.full);
    }
  });
});

function argsOf(g: Golden): Dict {
  const args = jsonLoads(g.args);
  if (!(args instanceof Dict)) throw new Error(`not a mapping: ${g.args}`);
  return args;
}
