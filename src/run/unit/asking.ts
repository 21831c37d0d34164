import type { Session } from '../../adapters/index.ts';
import { type Effect, type Relation, tokens } from '../../sql/index.ts';
import { NotInMemory } from './ground.ts';

/** A connection that has made what a template asks about before it answers, and refuses what rows would change. It knows no transactions. */
export class AskingSession implements Session {
  readonly inTransaction = false;
  private readonly session: Session;
  private readonly ensure: (r: Relation) => Promise<void>;
  constructor(session: Session, ensure: (r: Relation) => Promise<void>) {
    this.session = session;
    this.ensure = ensure;
  }
  async answer(effect: Effect): Promise<unknown> {
    switch (effect.kind) {
      case 'begin':
      case 'commit':
      case 'rollback':
        return undefined;
      case 'columns':
      case 'relation':
        await this.ensure(effect.relation);
        return this.session.answer(effect);
      case 'query':
      case 'execute':
        if (!standsAlone(effect.sql)) throw new NotInMemory(`a template asks the database: ${firstWords(effect.sql)}`);
        return this.session.answer({ ...effect, begin: false });
      default:
        throw new NotInMemory('a template asks what is in the database');
    }
  }
  cancel(): Promise<void> {
    return this.session.cancel();
  }
  release(): Promise<void> {
    return Promise.resolve();
  }
}

/** A connection that several threads use, one after the other. */
export class Queued implements Session {
  readonly inTransaction = false;
  private readonly session: Session;
  private readonly inTurn: <T>(work: () => Promise<T>) => Promise<T>;
  constructor(session: Session, inTurn: <T>(work: () => Promise<T>) => Promise<T>) {
    this.session = session;
    this.inTurn = inTurn;
  }
  answer(effect: Effect): Promise<unknown> {
    return this.inTurn(() => this.session.answer(effect));
  }
  cancel(): Promise<void> {
    return this.session.cancel();
  }
  release(): Promise<void> {
    return Promise.resolve();
  }
}

const READING = new Set(['from', 'join', 'table', 'into', 'describe', 'show', 'summarize', 'pragma', 'call', 'set', 'use', 'create', 'drop', 'alter']);

/** Whether a statement only computes: it names no relation whose rows would count, and changes nothing. */
function standsAlone(sql: string): boolean {
  for (const { kind, start, end } of tokens(sql)) if (kind === 'word' && READING.has(sql.slice(start, end).toLowerCase())) return false;
  return true;
}

function firstWords(sql: string): string {
  const words = [...tokens(sql)].filter((t) => t.kind !== 'space' && t.kind !== 'comment').slice(0, 12);
  return words.map((t) => sql.slice(t.start, t.end)).join(' ');
}
