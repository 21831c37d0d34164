import fs from 'node:fs';
import path from 'node:path';
import { refText, resolveRef, resolveSource } from '../../compile/index.ts';
import { ephemeralName } from '../../context/index.ts';
import { str } from '../../jinja/index.ts';
import { isTemplate } from '../../read/index.ts';
import { csvRows, type JsonMap, type Node, type SourceNode, type UnitTestNode } from '../../resolve/index.ts';
import { type Column, trimSemicolon } from '../../sql/index.ts';
import { fail, sourceFile } from '../../text/index.ts';
import { drive } from '../drive.ts';
import type { Runner } from '../runner.ts';
import type { Suspect } from './blame.ts';
import { fixtureSql } from './fixture.ts';
import type { Asked, Ground } from './ground.ts';
import { callNode } from './macro.ts';
import { invocationOf } from './overrides.ts';

/** One `given` of a unit test: what it stands for, and the rows in its place. */
export interface Input {
  /** The unique id of what it stands for. */
  readonly id: string;
  readonly name: string;
  readonly cte: string;
  readonly sql: string;
}

/** The inputs of a unit test by what they stand for. */
export async function inputsOf(runner: Runner, test: UnitTestNode, tested: Node, ground: Ground): Promise<ReadonlyMap<string, Input>> {
  const out = new Map<string, Input>();
  for (const given of test.given) {
    const named = String(given['input'] ?? '');
    const original = originalOf(runner, test, tested, given);
    const sql = await rowsSql(runner, ground, { test, original, named, given });
    out.set(original.unique_id, { id: original.unique_id, name: original.name, cte: cteName(original), sql });
  }
  return out;
}

function cteName(original: Node | SourceNode): string {
  return ephemeralName(original.resource_type === 'source' ? `${original.source_name}__${original.name}` : original.alias);
}

/** What `ref('x')`, `source('a', 'b')` or `this` means in a `given`. */
function originalOf(runner: Runner, test: UnitTestNode, tested: Node, given: JsonMap): Node | SourceNode {
  const named = String(given['input'] ?? '');
  const at = test.fixtures.get(given)?.input ?? test.at;
  if (named.trim() === 'this') return tested;
  const { environment } = runner.settings.invocation;
  const [call, ...more] = environment.parse(sourceFile('input', `{{ ${named} }}`)).facts.calls;
  const wrong = (problem: string): never => {
    const meant = [...runner.settings.manifest.nodes.values()].find((n) => n.name === named.trim() && n.resource_type !== 'test');
    return fail('unit-test-input', { test: test.name, input: named, problem }, { at, hint: meant && `did you mean ${inputText(meant)}?` });
  };
  if (!call?.literal || more.length > 0) return wrong('is not understood');
  const { positional, named: keywords } = call.literal;
  const referrer = {
    id: test.unique_id,
    name: test.name,
    packageName: tested.package_name,
    resourceType: 'unit_test',
    group: tested.group,
    dependsOn: undefined,
    onEphemeral: undefined,
  };
  const texts = positional.map((v) => str(v));
  if (call.path === 'ref' && (texts.length === 1 || texts.length === 2)) {
    const version = keywords.get('version') ?? keywords.get('v') ?? null;
    const name = texts[texts.length - 1] as string;
    return resolveRef(runner.compiler.references, referrer, {
      name,
      package: texts.length === 2 ? (texts[0] as string) : null,
      version: version === null ? null : typeof version === 'number' ? version : str(version),
      at,
    });
  }
  if (call.path === 'source' && texts.length === 2)
    return resolveSource(runner.compiler.references, referrer, { source: texts[0] as string, table: texts[1] as string, at });
  return wrong('is none of ref(), source() and this');
}

/** Whether an input stands for the table that is there already. */
export function isThis(given: JsonMap): boolean {
  return String(given['input'] ?? '').trim() === 'this';
}

/** How a user writes the input that stands for something. */
export function inputText(original: Node | SourceNode): string {
  if (original.resource_type === 'source') return `source('${original.source_name}', '${original.name}')`;
  return refText({ name: original.name, package: null, version: original.resource_type === 'model' ? original.version : null });
}

async function rowsSql(runner: Runner, ground: Ground, asked: Asked): Promise<string> {
  const { test, original, named, given } = asked;
  const rows = given['rows'] ?? null;
  if (typeof rows === 'string') return renderedSql(runner, ground, asked, rows);
  const known = await ground.columns(asked);
  const list = Array.isArray(rows) ? (rows as readonly JsonMap[]) : rowsOfSeed(asked, known);
  // As dbt's macro for fixtures prints it; SQL of the user's own stays as it is.
  return `\n-- Fixture for ${original.name}\n${fixtureSql(ground.dialect, list, known, { test, what: `\`${named}\``, fixture: `'${original.name}'` })}`;
}

/** The SQL of a fixture. As in dbt, that of an input is a template, which knows no relations. */
async function renderedSql(runner: Runner, ground: Ground, { test, original }: Asked, rows: string): Promise<string> {
  const sql = trimSemicolon(rows);
  if (!isTemplate(sql)) return sql;
  const node = { ...callNode(runner, test, sourceFile(test.original_file_path, sql)), unique_id: `${test.unique_id}.${original.name}` };
  const request = { onEphemeral: undefined, invocation: invocationOf(runner, test) };
  const { body } = await runner.compiler.render(node, 'MainThread', (program) => drive(program, ground.asking), request);
  return body.trim();
}

/** The rows of a seed's file, for an input that gives none. As in dbt, an empty text is one; of another type there is none, and it is null. */
function rowsOfSeed({ test, original, named, given }: Asked, columns: readonly Column[]): readonly JsonMap[] {
  if (original.resource_type !== 'seed') return fail('fixture-rows', { test: test.name, input: named }, { at: test.fixtures.get(given)?.input ?? test.at });
  const texts = new Set(columns.filter((c) => /char|text|string/i.test(c.dataType)).map((c) => c.name.toLowerCase()));
  const file = path.join(original.root_path, original.original_file_path);
  return csvRows(fs.readFileSync(file, 'utf8').replace(/^\uFEFF/, '')).map((row) =>
    Object.fromEntries(Object.entries(row).map(([name, value]) => [name, value === null && texts.has(name.toLowerCase()) ? '' : value])),
  );
}

/** The rows that a failure may come from, input by input. */
export async function suspectsOf(runner: Runner, test: UnitTestNode, tested: Node, ground: Ground): Promise<readonly Suspect[]> {
  const out: Suspect[] = [];
  for (const given of test.given) {
    const named = String(given['input'] ?? '');
    const original = originalOf(runner, test, tested, given);
    const asked: Asked = { test, original, named, given };
    // SQL has the types that it has.
    const isSql = typeof given['rows'] === 'string';
    const columns = isSql ? [] : await ground.columns(asked);
    out.push({
      fixture: given,
      ...(isSql && { sql: await rowsSql(runner, ground, asked) }),
      columns,
      subject: { test, what: `\`${named}\``, fixture: `'${original.name}'` },
      origin: originOf(original, ground),
    });
  }
  return out;
}

/** What the types of an input come from. */
function originOf(original: Node | SourceNode, ground: Ground): string {
  if (ground.onTarget) return 'the column in the database';
  if (original.resource_type === 'seed') return 'the values in the file of the seed, or its `column_types`';
  if (original.resource_type !== 'source') return `the query of the ${original.resource_type}, or its contract`;
  return ground.guesses.length > 0 ? 'the other values, since its YAML gives no `data_type`' : '`data_type` in the YAML of the source';
}
