// What MetricFlow answers to queries of metrics, and how answers are compared with it.
import fs from 'node:fs';
import path from 'node:path';
import { expect } from 'vitest';
import type { MetricsRequest } from '../src/index.ts';

type Value = null | boolean | number | string;

/** A query and its answer, as tests/cases/metrics/make_golden.py has written it. */
export interface Answer {
  readonly query: MetricsRequest;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Value[])[];
}

/** The answers in a file of tests/cases/metrics. */
export function answersOf(name: string): readonly Answer[] {
  return JSON.parse(fs.readFileSync(path.join(import.meta.dirname, 'cases/metrics', name), 'utf8')) as readonly Answer[];
}

/** Asserts that rows have these columns and values, in any order. */
export function expectAnswer({ columns, rows }: Answer, found: readonly Readonly<Record<string, Value>>[]): void {
  expect(sorted(found.map((row) => columns.map((c) => same(row[c]))))).toEqual(sorted(rows.map((row) => row.map(same))));
  if (found[0]) expect(Object.keys(found[0]).sort()).toEqual(columns.toSorted());
}

/** A value as both engines and Python have it: dates by their day, numbers by ten digits. */
function same(value: Value | undefined): Value {
  if (typeof value === 'number') return Number(value.toPrecision(10));
  if (typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value)) return Number(Number(value).toPrecision(10));
  return typeof value === 'string' && /^\d{4}-\d\d-\d\d[T ]/.test(value) ? value.slice(0, 10) : (value ?? null);
}

const sorted = (rows: readonly (readonly Value[])[]): string[] => rows.map((row) => JSON.stringify(row)).sort();
