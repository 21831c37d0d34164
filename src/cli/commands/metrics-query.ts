import { metricsSql, semanticsOf } from '../../metrics/index.ts';
import { csvTable, jsonRows } from '../../report/index.ts';
import type { ResultTable } from '../../sql/index.ts';
import { type Context, FAILED, OK, open, UNUSABLE } from '../context.ts';
import type { Flags } from '../flags.ts';
import { tableText } from '../printing.ts';
import { type Opened, showNode } from '../session.ts';

/** Computes metrics and prints them, or the SQL that does. */
export async function run(c: Context): Promise<number> {
  const opened = await open(c);
  if (!opened) return UNUSABLE;
  const sql = sqlOf(opened, c.flags);
  if (c.flags.values.get('compile') === true) {
    c.console.output(sql);
    return OK;
  }
  const display = c.console.run(opened.manifest);
  try {
    const { result, table } = await showNode(opened, { direct: sql }, undefined, c.flags, c.world, display.emit);
    display.done();
    if (table) c.console.output(printed(c, table));
    else if (result.diagnostic) c.console.errors([result.diagnostic]);
    return table ? OK : FAILED;
  } finally {
    display.done();
  }
}

/** The SQL of what the flags ask for. Throws a diagnostic for what is wrong with them. */
function sqlOf({ manifest, invocation }: Opened, { values }: Flags): string {
  const list = (name: string): readonly string[] => ((values.get(name) as readonly string[] | undefined) ?? []).flatMap(commaSeparated);
  const text = (name: string): string | undefined => values.get(name) as string | undefined;
  const request = {
    metrics: list('metrics'),
    savedQuery: text('saved-query'),
    groupBy: list('group-by'),
    where: (values.get('where') as readonly string[] | undefined) ?? [],
    orderBy: list('order-by'),
    limit: values.get('limit') as number | undefined,
    startTime: text('start-time'),
    endTime: text('end-time'),
  };
  return metricsSql(semanticsOf(manifest), request, invocation.environment, invocation.dialect);
}

/** `a,b` as two names. Commas in parentheses belong to a name. */
function commaSeparated(text: string): readonly string[] {
  return [...text.matchAll(/(?:[^,(]|\([^)]*\)?)+/g)].map(([name]) => name.trim()).filter((name) => name !== '');
}

function printed(c: Context, table: ResultTable): string {
  switch (c.flags.values.get('output')) {
    case 'json':
      return JSON.stringify(jsonRows(table), null, 2);
    case 'csv':
      return csvTable(table).trimEnd();
    default:
      return tableText(c, table);
  }
}
