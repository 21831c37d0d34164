import fs from 'node:fs';
import path from 'node:path';
import { find, kindOf, nameOf, placeOf } from '../../report/index.ts';
import type { JsonMap, Manifest, Resource } from '../../resolve/index.ts';
import { readArtifact } from '../../state/index.ts';
import { type Code, catalogue, closest, Diagnostics, diagnostic } from '../../text/index.ts';
import { type Context, OK, open, UNUSABLE } from '../context.ts';

/** Explains a code without a project, or a node of the project; without an argument lists the codes. */
export async function run(c: Context): Promise<number> {
  const { argument: what } = c;
  if (what === undefined) {
    for (const code of codes()) c.console.output(code);
    return OK;
  }
  if (Object.hasOwn(catalogue, what)) {
    c.console.output(explainCode(what as Code, c));
    return OK;
  }
  const opened = await open(c);
  if (!opened) return UNUSABLE;
  const { manifest } = opened;
  const all = [manifest.nodes, manifest.sources, manifest.exposures, manifest.unitTests].flatMap((m): Resource[] => [...m.values()]);
  const found = all.filter((r) => r.unique_id === what || r.name === what || nameOf(r) === what);
  if (found.length === 0) {
    c.console.errors([diagnostic('node-not-found', { name: what, near: closest(what, [...codes(), ...all.map(nameOf)]) })]);
    return UNUSABLE;
  }
  for (const r of found) c.console.output(explainNode(manifest, r, c));
  return OK;
}

function codes(): readonly string[] {
  return Object.keys(catalogue).sort();
}

function explainCode(code: Code, c: Context): string {
  const { severity, explanation } = catalogue[code];
  return `${c.console.paint(severity === 'error' ? 'red' : 'yellow', severity)} ${c.console.paint('bold', code)}\n\n${explanation}\n`;
}

const ACTIONS: Readonly<Record<string, string>> = {
  view: 'creates or replaces a view',
  table: 'builds the table anew and replaces the old one',
  incremental: 'adds or merges new rows into the table; builds it anew with --full-refresh, or where it is not there yet',
  ephemeral: 'is not built: its SQL becomes part of what uses it',
  seed: 'loads its CSV file into a table',
  snapshot: 'compares with the snapshot table and records what has changed',
  test: 'counts failing rows',
  'unit test': 'runs in memory, and on the target where memory cannot tell what that would say; there always with --on-target',
};

function explainNode(m: Manifest, r: Resource, c: Context): string {
  const { paint } = c.console;
  const kind = kindOf(r, r.resource_type);
  const lines = [`${paint('bold', nameOf(r))}  ${r.unique_id}`, `  ${paint('cyan', placeOf(r))}`];
  const action = ACTIONS[kind];
  lines.push(`  ${r.resource_type === 'model' ? `${kind} model` : kind}${action === undefined ? '' : `: ${action}`}`);
  const why = r.resource_type === 'unit_test' ? ranOnTarget(r.unique_id, c) : undefined;
  if (why !== undefined) lines.push(`  the last time it ran on the target: ${why}`);
  if ('relation_name' in r && r.relation_name) lines.push(`  relation: ${r.relation_name}`);
  if ('description' in r && r.description !== '') lines.push(`  ${r.description.split('\n')[0]}`);
  const names = (ids: readonly string[]) => ids.map((id) => (find(m, id) ? `${id.split('.')[0]} ${nameOf(find(m, id) as Resource)}` : id));
  const below = m.children.get(r.unique_id) ?? [];
  const isTest = (id: string) => id.startsWith('test.') || id.startsWith('unit_test.');
  section(lines, 'needs', names(m.parents.get(r.unique_id) ?? []));
  section(lines, 'used by', names(below.filter((id) => !isTest(id))));
  section(lines, 'tested by', names(below.filter(isTest)));
  const written = 'unrendered_config' in r ? r.unrendered_config : {};
  section(
    lines,
    'settings that are written somewhere',
    Object.keys(written).map((key) => `${key}: ${JSON.stringify(r.config[key] ?? written[key])}`),
  );
  if ('patch_path' in r && r.patch_path) lines.push(`  described in ${r.patch_path.split('://')[1] ?? r.patch_path}`);
  return `${lines.join('\n')}\n`;
}

/** Why a unit test did not run in memory in the last run, where it did not. */
function ranOnTarget(id: string, c: Context): string | undefined {
  const file = path.resolve(c.flags.projectDir, c.flags.targetPath ?? c.targetPath ?? 'target', 'run_results.json');
  if (!fs.existsSync(file)) return undefined;
  // A file that cannot be read says nothing here: it is of a run, and this is about the project.
  const results = readArtifact(fs.readFileSync(file, 'utf8'), file, 'run-results', new Diagnostics())?.['results'] as readonly JsonMap[] | undefined;
  const response = results?.find((result) => result['unique_id'] === id)?.['adapter_response'] as JsonMap | undefined;
  const why = response?.['on_target_because'];
  return typeof why === 'string' ? why : undefined;
}

function section(lines: string[], title: string, items: readonly string[]): void {
  if (items.length > 0) lines.push(`  ${title}:`, ...items.map((i) => `    ${i}`));
}
