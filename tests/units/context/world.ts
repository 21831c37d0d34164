import { columnClass } from '../../../src/context/column.ts';
import { exceptionsValue } from '../../../src/context/exceptions.ts';
import { modulesValue } from '../../../src/context/modules.ts';
import { relationClass } from '../../../src/context/relation.ts';
import { Environment, type Value } from '../../../src/jinja/index.ts';
import { type Dialect, duckdb } from '../../../src/sql/index.ts';
import { sourceFile } from '../../../src/text/index.ts';

const environment = new Environment();

/** Renders a template that sees the given names, and `Relation`, `Column`, `exceptions` and `modules`. */
export function render(
  template: string,
  names: Readonly<Record<string, Value>> = {},
  dialect: Dialect = duckdb,
  warn: (message: string) => void = () => undefined,
): string {
  const known = new Map<string, Value>([
    ['Relation', relationClass(dialect)],
    ['Column', columnClass(dialect)],
    ['exceptions', exceptionsValue({ log: () => undefined, print: () => undefined, warn }, 'orders')],
    ['modules', modulesValue({ startedAt: Date.UTC(2024, 0, 2, 3, 4, 5) })],
    ...Object.entries(names),
  ]);
  return environment.parse(sourceFile('t.sql', template)).render((name) => known.get(name));
}
