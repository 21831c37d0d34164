import type { Session } from '../../adapters/index.ts';
import { SqlError } from '../../adapters/index.ts';
import { isEphemeral, refText, resolveRef, resolveSource } from '../../compile/index.ts';
import { ephemeralName } from '../../context/index.ts';
import { str } from '../../jinja/index.ts';
import { type JsonMap, type Node, nodeRelation, type SourceNode, type UnitTestNode } from '../../resolve/index.ts';
import { type Column, columns, type Program, query, trimSemicolon } from '../../sql/index.ts';
import { fail, sourceFile } from '../../text/index.ts';
import { drive } from '../drive.ts';
import type { Runner } from '../runner.ts';
import { fixtureSql } from './fixture.ts';

/** One `given` of a unit test: what it stands for, and the rows in its place. */
export interface Input {
  /** The unique id of what it stands for. */
  readonly id: string;
  readonly name: string;
  readonly cte: string;
  readonly sql: string;
}

/** The inputs of a unit test by what they stand for. */
export async function inputsOf(runner: Runner, test: UnitTestNode, tested: Node, session: Session, thread: string): Promise<ReadonlyMap<string, Input>> {
  const out = new Map<string, Input>();
  for (const given of test.given) {
    const named = String(given['input'] ?? '');
    const original = originalOf(runner, test, tested, named);
    const sql = await rowsSql(runner, test, original, given, named, session, thread);
    out.set(original.unique_id, { id: original.unique_id, name: original.name, cte: cteName(original), sql });
  }
  return out;
}

function cteName(original: Node | SourceNode): string {
  return ephemeralName(original.resource_type === 'source' ? `${original.source_name}__${original.name}` : original.alias);
}

/** What `ref('x')`, `source('a', 'b')` or `this` means in a `given`. */
function originalOf(runner: Runner, test: UnitTestNode, tested: Node, named: string): Node | SourceNode {
  if (named.trim() === 'this') return tested;
  const { environment } = runner.settings.invocation;
  const [call, ...more] = environment.parse(sourceFile('input', `{{ ${named} }}`)).facts.calls;
  const wrong = (problem: string): never => fail('unit-test-input', { test: test.name, input: named, problem }, { at: test.at });
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
      at: test.at,
    });
  }
  if (call.path === 'source' && texts.length === 2)
    return resolveSource(runner.compiler.references, referrer, { source: texts[0] as string, table: texts[1] as string, at: test.at });
  return wrong('is none of ref(), source() and this');
}

/** How a user writes the input that stands for something. */
export function inputText(original: Node | SourceNode): string {
  if (original.resource_type === 'source') return `source('${original.source_name}', '${original.name}')`;
  return refText({ name: original.name, package: null, version: original.resource_type === 'model' ? original.version : null });
}

async function rowsSql(
  runner: Runner,
  test: UnitTestNode,
  original: Node | SourceNode,
  given: JsonMap,
  named: string,
  session: Session,
  thread: string,
): Promise<string> {
  const rows = given['rows'] ?? null;
  if (typeof rows === 'string') return trimSemicolon(rows);
  const list = (Array.isArray(rows) ? rows : []) as readonly JsonMap[];
  const known = await columnsOf(runner, test, original, named, session, thread);
  // As dbt's macro for fixtures prints it; SQL of the user's own stays as it is.
  return `\n-- Fixture for ${original.name}\n${fixtureSql(runner.settings.invocation.dialect, list, known, { test, what: `\`${named}\``, fixture: `'${original.name}'` })}`;
}

/** The columns an input has: those of the relation where it exists, else those its YAML gives types for, else those of its SQL. */
async function columnsOf(
  runner: Runner,
  test: UnitTestNode,
  original: Node | SourceNode,
  named: string,
  session: Session,
  thread: string,
): Promise<readonly Column[]> {
  const { invocation } = runner.settings;
  const unknown = (cause?: string): never => fail('unit-test-columns', { test: test.name, input: named }, { at: test.at, cause });
  if (original.resource_type === 'source' || !isEphemeral(original)) {
    const existing = await drive(columns(nodeRelation(original, invocation.quoting)), session);
    if (existing.length > 0) return existing;
    const other = original.resource_type === 'source' ? undefined : runner.deferring?.counterpart(original);
    const there = other ? await drive(columns(other.relation), session) : [];
    if (there.length > 0) return there;
  }
  const declared = Object.values(original.columns);
  if (declared.length > 0 && declared.every((c) => c.data_type !== null))
    return declared.map((c) => ({ name: c.name, dataType: invocation.dialect.typeOf(c.data_type as string) }));
  if (original.resource_type !== 'model' && original.resource_type !== 'snapshot') return unknown();
  try {
    const compiled = await runner.compiler.compile(original, thread, (program) => drive(program, session));
    return await drive(queryColumns(compiled.sql), session);
  } catch (e) {
    if (e instanceof SqlError) return unknown(e.message);
    throw e;
  }
}

/** The columns that a query gives. */
export function* queryColumns(sql: string): Program<readonly Column[]> {
  const { table } = yield* query(`select * from (\n${trimSemicolon(sql)}\n) as __dbt_sbq\nwhere false\nlimit 0`);
  return table.columns.map((c) => ({ name: c.name, dataType: c.dataType }));
}
