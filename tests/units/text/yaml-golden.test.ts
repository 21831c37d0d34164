import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Diagnostics, isMap, parseYaml, sourceFile, type Yaml, YamlDate, YamlFloat } from '../../../src/text/index.ts';

const folder = join(import.meta.dirname, '../../cases/yaml');
const probes = JSON.parse(readFileSync(join(folder, 'probes.json'), 'utf8')) as string[];
const golden = JSON.parse(readFileSync(join(folder, 'golden.json'), 'utf8')) as Outcome[];

interface Outcome {
  readonly value?: unknown;
  readonly error?: string;
}

/** Where dml reads on although PyYAML stops: a tab after a dash, an empty value right before a bracket. */
const lenient = new Set(['-\ta\n', '[x:]\n', '{x:}\n', 'a: {b: !!str}\n']);

function pythonFloat(x: number): string {
  if (Number.isNaN(x)) return 'nan';
  if (!Number.isFinite(x)) return x < 0 ? '-inf' : 'inf';
  return String(x);
}

/** The shape that make_golden.py writes. */
function plain(value: Yaml): unknown {
  if (typeof value === 'number' || typeof value === 'bigint') return { int: String(value) };
  if (value instanceof YamlFloat) return { float: pythonFloat(value.value) };
  if (value instanceof YamlDate) return { date: value.text };
  if (Array.isArray(value)) return value.map(plain);
  if (isMap(value)) return { map: Object.keys(value).map((k) => [k, plain(value[k] as Yaml)]) };
  return value;
}

/** Floats are compared as numbers: their spelling is Python's business. */
function floats(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value), (_, v) => (v && typeof v === 'object' && typeof v.float === 'string' ? { float: pythonFloat(number(v.float)) } : v));
}

function number(text: string): number {
  return text === 'inf' ? Number.POSITIVE_INFINITY : text === '-inf' ? Number.NEGATIVE_INFINITY : Number(text);
}

function outcome(text: string): Outcome {
  const sink = new Diagnostics();
  const document = parseYaml(sourceFile('probe.yml', text), sink);
  return document ? { value: floats(plain(document.value)) } : { error: sink.errors.map((d) => d.message).join() };
}

function compare(expected: readonly Outcome[]): string[] {
  return probes.flatMap((text, i) => {
    const theirs = expected[i] ?? { error: 'no golden outcome' };
    const ours = outcome(text);
    const same =
      'error' in theirs ? 'error' in ours || lenient.has(text) : !('error' in ours) && JSON.stringify(ours.value) === JSON.stringify(floats(theirs.value));
    return same ? [] : [`${JSON.stringify(text)}\n  PyYAML: ${JSON.stringify(theirs)}\n  dml:    ${JSON.stringify(ours)}`];
  });
}

describe('YAML as PyYAML reads it', () => {
  it('agrees with the golden copy', () => {
    expect(probes.length).toBeGreaterThan(300);
    expect(golden.length).toBe(probes.length);
    expect(compare(golden)).toEqual([]);
  });

  const python = process.env['DML_TEST_PYTHON'] ?? 'python3';
  let live: Outcome[] | undefined;
  try {
    live = JSON.parse(
      execFileSync(python, [join(folder, 'make_golden.py'), '--print'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }),
    ) as Outcome[];
  } catch {
    live = undefined;
  }
  it.skipIf(!live)('agrees with the PyYAML of this machine (skipped without one: set DML_TEST_PYTHON)', () => {
    expect(compare(live ?? [])).toEqual([]);
  });
});
