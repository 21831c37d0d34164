import type { CompiledNode } from '../../compile/index.ts';
import type { OwnExpectations, UnitTestNode } from '../../resolve/index.ts';
import { withOf } from '../../sql/index.ts';
import { closest, fail } from '../../text/index.ts';
import type { Expectation } from './compare.ts';
import { textDifference } from './macro.ts';

/** What a test expects of the query of its model or snapshot, or of its macro's call: its rows, and those of its common table expressions. */
export function* queryExpectations(test: UnitTestNode, compiled: CompiledNode): Generator<Expectation, void, undefined> {
  const { own } = test;
  if (own === null) return yield { sql: compiled.sql, expect: test.expect, subject: { test, what: 'the model', fixture: 'expected output' } };
  const query = own.subject === 'macro' ? 'call' : 'query';
  const ctes = Object.entries(own.ctes);
  // Nothing else to tell it from.
  const alone = own.table === null && own.text === null && ctes.length === 0;
  const subject = subjectOf(test, `the ${query} of the ${own.subject}`);
  if (own.query) yield { sql: compiled.sql, expect: test.expect, subject, ...(!alone && { heading: `rows of the ${query}` }) };
  for (const [name, expect] of ctes) {
    const what = `the common table expression \`${name}\``;
    yield { sql: cteQuery(test, own, compiled, name), expect, subject: subjectOf(test, what), heading: `rows of ${what}`, named: true };
  }
}

/** How what a macro's call has printed differs from the text that its test expects, if it does. */
export function textExpectation({ own }: UnitTestNode, compiled: CompiledNode): string | undefined {
  return own?.text == null ? undefined : textDifference(own.text, compiled.body);
}

function subjectOf(test: UnitTestNode, what: string): Expectation['subject'] {
  return { test, what, fixture: 'expected output' };
}

/** The query with the rows of one of its common table expressions for its own. */
function cteQuery(test: UnitTestNode, own: OwnExpectations, compiled: CompiledNode, name: string): string {
  const { names, end } = withOf(compiled.sql) ?? { names: [], end: 0 };
  const found = names.find((n) => bare(n).toLowerCase() === name.toLowerCase());
  if (found !== undefined) return `${compiled.sql.slice(0, end)}\nselect * from ${found}`;
  const fixtures = new Set(compiled.ctes.map((c) => c.name));
  const known = names.filter((n) => !fixtures.has(n)).map(bare);
  return fail('unit-test-cte', { test: test.name, cte: name, names: known, near: closest(name, known) }, { at: own.places.get(`cte:${name}`) ?? test.at });
}

/** A name without its quotes. */
function bare(name: string): string {
  return /^["`]/.test(name) ? name.slice(1, -1).replaceAll('""', '"') : name;
}
