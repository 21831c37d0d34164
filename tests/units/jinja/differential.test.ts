// What dml's templates give, against what real Jinja2 gave for the same ones (tests/cases/jinja/make_golden.py).
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, inject, test } from 'vitest';
import * as jinja from '../../../src/jinja/index.ts';
import { outcome, statementContext } from './outcome.ts';

interface Case {
  readonly template: string;
  readonly modules?: true;
  readonly out?: string;
  readonly error?: string;
  readonly message?: string;
}
interface Golden {
  readonly jinja: string;
  readonly python: string;
  readonly context: string;
  readonly cases: readonly Case[];
}

const cases = path.resolve(import.meta.dirname, '../../cases/jinja');
const goldenFile = path.join(cases, 'golden.json');
/** Template -> why dml differs, on purpose. */
const known = JSON.parse(fs.readFileSync(path.join(cases, 'known-differences.json'), 'utf8')) as Readonly<Record<string, string>>;

function load(file: string): Golden {
  return JSON.parse(fs.readFileSync(file, 'utf8')) as Golden;
}

/** The interpreter to compare with, if it has jinja2. */
function python(): string | undefined {
  const candidates = [process.env.DML_TEST_PYTHON, 'python3'].filter((c) => c !== undefined && c !== '') as string[];
  return candidates.find((c) => spawnSync(c, ['-c', 'import jinja2, pytz'], { stdio: 'ignore' }).status === 0);
}

const modules = jinja.pythonModules({ now: () => 0 });

/** Errors that Python's compiler or Jinja's raises before anything is rendered. */
const beforeRendering = new Set(['TemplateSyntaxError', 'TemplateAssertionError', 'SyntaxError']);

/** How dml's outcome differs from the expected one; undefined if it does not. The wording of syntax errors is dml's own. */
function difference(c: Case, context: string): string | undefined {
  const globals = c.modules === true ? () => (name: string) => (name === 'modules' ? modules : undefined) : () => statementContext(context);
  const got = outcome(c.template, globals);
  const shown = 'out' in got ? got.out : `${got.error}: ${got.message}`;
  const wanted = c.out ?? `${c.error}: ${c.message}`;
  if (shown === wanted) return undefined;
  if (c.error !== undefined && beforeRendering.has(c.error) && 'error' in got && got.error === 'TemplateSyntaxError') return undefined;
  return `${JSON.stringify(c.template)}\n  Jinja2: ${JSON.stringify(wanted)}\n  dml:    ${JSON.stringify(shown)}`;
}

describe('Jinja2', () => {
  const interpreter = python();
  if (inject('update') && interpreter !== undefined) spawnSync(interpreter, [path.join(cases, 'make_golden.py')], { stdio: 'inherit' });
  const golden = load(goldenFile);
  const [statements, expressions] = [golden.cases.filter((c) => c.modules !== true), golden.cases.filter((c) => c.modules === true)];

  test.each([
    ['statements', statements, 500],
    ['expressions', expressions, 600],
  ] as const)('%s give the same output or the same error', (_, list, least) => {
    expect(list.length).toBeGreaterThan(least);
    expect(list.filter((c) => known[c.template] === undefined).flatMap((c) => difference(c, golden.context) ?? [])).toEqual([]);
  });

  test('every known difference is still one', () => {
    const byTemplate = new Map(golden.cases.map((c) => [c.template, c]));
    const stale = Object.keys(known).filter((template) => {
      const c = byTemplate.get(template);
      return c === undefined || difference(c, golden.context) === undefined;
    });
    expect(stale).toEqual([]);
  });

  test.skipIf(interpreter === undefined)(
    'the golden copy is what Jinja2 answers today (needs a Python with jinja2 and pytz: DML_TEST_PYTHON or python3)',
    () => {
      const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'dml-golden-'));
      try {
        const file = path.join(directory, 'golden.json');
        const made = spawnSync(interpreter as string, [path.join(cases, 'make_golden.py'), file], { encoding: 'utf8' });
        expect(made.stderr).toBe('');
        const today = load(file);
        expect(today.cases.map((c) => c.template)).toEqual(golden.cases.map((c) => c.template));
        // Other versions word their errors differently.
        const same = today.jinja === golden.jinja && today.python === golden.python;
        const view = (c: Case): unknown => (same ? c : { template: c.template, out: c.out });
        expect(today.cases.map(view)).toEqual(golden.cases.map(view));
      } finally {
        fs.rmSync(directory, { recursive: true });
      }
    },
  );
});
