import type { Session } from '../../../adapters/index.ts';
import type { Column, Effect, QueryResult } from '../../../sql/index.ts';
import { drive } from '../../drive.ts';
import { NotInMemory } from '../ground.ts';
import { astOf, differs } from './ast.ts';
import { checkQuery } from './check.ts';
import type { Env } from './expressions.ts';
import { type Output, sharedName, typeNamed } from './types.ts';
import { checkWords } from './words.ts';

/**
 * The columns of a query that DuckDB answers as Postgres would: of its functions, operators, casts and types all are known to do the same in both, and it
 * is typed as strictly as Postgres asks for. Throws {@link NotInMemory} with what is in doubt. Conservative: many queries that would do the same are refused.
 */
export async function agreed(sql: string, session: Session, table: Env['table'] = () => undefined): Promise<readonly Output[]> {
  checkWords(sql);
  return checkQuery(await drive(astOf(sql), session), { ctes: new Map(), table, outer: undefined, subquery: checkQuery });
}

/** Columns of a table as {@link agreed} knows them; those of other types cannot be read. */
export function tableColumns(columns: readonly Column[]): readonly Output[] {
  return columns.flatMap(({ name, dataType }) => {
    const type = typeNamed(dataType);
    return type ? [{ name: name.toLowerCase(), type }] : [];
  });
}

/** A session of a DuckDB that stands for a Postgres: it only answers queries on which both agree. It knows no transactions. */
export class AgreeingSession implements Session {
  label: string | undefined;
  readonly inTransaction = false;
  private readonly session: Session;
  constructor(session: Session) {
    this.session = session;
  }
  async answer(effect: Effect): Promise<unknown> {
    if (effect.kind === 'rollback') return undefined;
    if (effect.kind !== 'query') throw new NotInMemory('a template asks the database');
    this.session.label = this.label;
    const outputs = await agreed(effect.sql, this.session);
    if (outputs.some((o) => o.name === undefined)) differs('a column without a name');
    const { table, response } = (await this.session.answer({ ...effect, begin: false })) as QueryResult;
    return { table: { ...table, columns: table.columns.map((c) => ({ ...c, dataType: sharedName(c.dataType) })) }, response };
  }
  cancel(): Promise<void> {
    return this.session.cancel();
  }
  release(): Promise<void> {
    return this.session.release();
  }
}
