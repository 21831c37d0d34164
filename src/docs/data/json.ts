import type { Json } from './types.ts';

/** A JSON object of an artifact, of which nothing is known for sure: dbt wrote it, or another version of dml. */
export type JsonMap = { readonly [key: string]: Json };

/** A value as an object; an empty one where it is none. */
export function mapOf(value: unknown): JsonMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonMap) : {};
}

/** A value as a list; an empty one where it is none. */
export function listOf(value: unknown): readonly Json[] {
  return Array.isArray(value) ? value : [];
}

/** A value as text; undefined where it is none, or empty. Numbers and truth values are written out. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** A value as a number; undefined where it is none. */
export function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** The texts of a list, or of a single text. */
export function textsOf(value: unknown): readonly string[] {
  return (Array.isArray(value) ? value : [value]).flatMap((v) => textOf(v) ?? []);
}

/** Whether there is something in a value: null, empty texts, lists and objects hold nothing. */
export function holds(value: unknown): boolean {
  if (value === null || value === undefined || value === '') return false;
  return typeof value !== 'object' || Object.keys(value).length > 0;
}

/** One key where its value holds something; to be spread into an object. */
export function some<K extends string, V>(key: K, value: V | undefined | null): { readonly [key in K]?: V } {
  return (holds(value) ? { [key]: value } : {}) as { readonly [key in K]?: V };
}
