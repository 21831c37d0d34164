// The projects of tests/cases/resolve/*.md against what dbt makes of them (beside each document, written by make_golden.py).
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from 'vitest';
import { parseCases, writeCase } from '../../cases.ts';
import { dml } from '../../command.ts';

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
type JsonMap = { readonly [key: string]: Json };
type Facts = { readonly common: { readonly [kind: string]: JsonMap }; readonly each: { readonly [id: string]: JsonMap } };
type Golden = { readonly [section: string]: Facts | { readonly [id: string]: readonly string[] } };

const home = path.resolve(import.meta.dirname, '../../cases/resolve');
const differences = JSON.parse(fs.readFileSync(path.join(home, 'known-differences.json'), 'utf8')) as { readonly [field: string]: string };

for (const name of fs.readdirSync(home).filter((n) => n.endsWith('.md'))) {
  const golden = JSON.parse(fs.readFileSync(path.join(home, name.replace('.md', '.json')), 'utf8')) as { readonly [name: string]: Golden };
  describe(name, () => {
    for (const each of parseCases(fs.readFileSync(path.join(home, name), 'utf8'))) {
      test(each.name, async () => {
        const facts = golden[each.name] as Golden;
        const { ours, theirs } = compared(await manifestOf(each), facts);
        expect(Object.keys(theirs).length).toBeGreaterThan(5);
        const places = [...new Set([...Object.keys(theirs), ...Object.keys(ours)])].toSorted();
        const differing = places.filter((p) => !isDeepStrictEqual(ours[p], theirs[p]) && !(p in differences));
        expect(differing.map((p) => `${p}\n  dbt ${JSON.stringify(theirs[p])}\n  dml ${JSON.stringify(ours[p])}`)).toEqual([]);
      });
    }
  });
}

async function manifestOf(each: ReturnType<typeof parseCases>[number]): Promise<{ readonly [section: string]: { readonly [id: string]: Json } }> {
  const dir = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'dml-golden-')));
  try {
    const argv = writeCase(each, dir);
    const outcome = await dml(argv, dir);
    if (outcome.code !== 0) throw new Error(`exit code ${outcome.code}\n${outcome.stdout}${outcome.stderr}`);
    return JSON.parse(fs.readFileSync(path.join(dir, 'target/manifest.json'), 'utf8'));
  } finally {
    fs.rmSync(dir, { recursive: true, force: true });
  }
}

/** Every fact of dbt's and the value of ours at the same place: `section id field`. */
function compared(
  manifest: { readonly [section: string]: { readonly [id: string]: Json } },
  golden: Golden,
): { readonly ours: Record<string, Json>; readonly theirs: Record<string, Json> } {
  const ours: Record<string, Json> = {};
  const theirs: Record<string, Json> = {};
  for (const [section, given] of Object.entries(golden)) {
    const facts = given as Facts;
    if (section === 'parent_map' || section === 'child_map') {
      for (const [id, list] of Object.entries(given as { readonly [id: string]: readonly string[] })) theirs[`${section} ${id}`] = list;
      for (const [id, list] of Object.entries(manifest[section] ?? {}))
        if ((list as Json[]).length > 0) ours[`${section} ${id}`] = (list as string[]).toSorted();
      continue;
    }
    const resources = resourcesOf(section, manifest[section] ?? {});
    const ids = new Set(resources.map(([id]) => id));
    for (const [id, own] of Object.entries(facts.each)) {
      if (!ids.has(id)) {
        theirs[`${section} ${id}`] = 'only dbt';
        continue;
      }
      const { kind, absent, ...rest } = own;
      const fields: Record<string, Json> = { ...facts.common[String(kind)], ...rest };
      for (const field of (absent ?? []) as string[]) delete fields[field];
      for (const [field, value] of Object.entries(fields))
        if (!known(section, String(kind), field))
          theirs[`${section} ${id} ${field}`] =
            field === 'columns' ? columns(value as { readonly [name: string]: JsonMap }) : field === 'primary_key' ? (value as string[]).toSorted() : value;
    }
    for (const [id, resource] of resources) {
      if (!(id in facts.each)) {
        ours[`${section} ${id}`] = 'only ours';
        continue;
      }
      for (const [field, value] of flat(section, resource))
        if (!known(section, String(resource.resource_type), field)) ours[`${section} ${id} ${field}`] = value;
    }
  }
  for (const section of ['nodes', 'sources', 'exposures', 'groups', 'unit_tests', 'metrics', 'semantic_models', 'saved_queries', 'disabled'])
    for (const id of Object.keys(manifest[section] ?? {})) if (!(section in golden)) ours[`${section} ${id}`] = 'only ours';
  return { ours, theirs };
}

/** Fields that differ for a reason that known-differences.json tells. */
function known(section: string, kind: string, field: string): boolean {
  return `${section}.${field}` in differences || `${kind}.${field}` in differences || `*.${field}` in differences;
}

function resourcesOf(section: string, resources: { readonly [id: string]: Json }): [string, JsonMap][] {
  const all =
    section === 'disabled'
      ? Object.entries(resources).flatMap(([id, list]) => (list as JsonMap[]).map((r, i): [string, JsonMap] => [`${id} ${i}`, r]))
      : (Object.entries(resources) as [string, JsonMap][]);
  return all.filter(([id]) => !internal(id));
}

function internal(id: string): boolean {
  return /^(?:macro|doc)\.dbt(?:_duckdb)?\./.test(id);
}

function flat(section: string, resource: JsonMap): [string, Json][] {
  return Object.entries(resource).flatMap(([field, value]): [string, Json][] => {
    if (field === 'config') return Object.entries(value as JsonMap).map(([key, setting]) => [`config.${key}`, setting]);
    if (field === 'resource_type') return [];
    if (field === 'columns') return [[field, columns(value as { readonly [name: string]: JsonMap })]];
    if (field === 'primary_key') return [[field, (value as string[]).toSorted()]];
    if (field === 'depends_on') return [[field, depends(section, value as JsonMap)]];
    return [[field, value]];
  });
}

/** dbt keeps the tags of columns, and primary keys, in the order of a Python set: in none. */
function columns(value: { readonly [name: string]: JsonMap }): Json {
  const sorted = (tags: Json | undefined): Json => (tags as string[]).toSorted();
  return Object.fromEntries(
    Object.entries(value).map(([name, c]) => [
      name,
      { ...c, tags: sorted(c.tags), config: { ...(c.config as JsonMap), tags: sorted((c.config as JsonMap).tags) } },
    ]),
  );
}

function depends(_section: string, value: JsonMap): Json {
  return Object.fromEntries(
    Object.entries(value).map(([k, list]) => [k, k === 'nodes' ? (list as string[]).toSorted() : (list as string[]).filter((m) => !internal(m)).toSorted()]),
  );
}
