import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseIgnore } from '../../../src/read/ignore.ts';

// Written with Python's pathspec 0.12 (GitWildMatchPattern), the matcher dbt uses.
const golden = JSON.parse(readFileSync(join(import.meta.dirname, '../../cases/read/ignore.json'), 'utf8')) as {
  readonly paths: readonly string[];
  readonly cases: readonly { readonly patterns: readonly string[]; readonly matched: readonly string[] }[];
};

describe('.dbtignore', () => {
  it.each(golden.cases)('matches $patterns as pathspec does', ({ patterns, matched }) => {
    const ignore = parseIgnore(patterns.join('\n'));
    expect(golden.paths.filter((path) => ignore?.(path) ?? false)).toEqual(matched);
  });
});
