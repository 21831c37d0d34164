import { createHash } from 'node:crypto';
import { Dict, iterate, Obj, PyError, repr, signature, str, truthy, type Value } from '../jinja/index.ts';
import { boundMethod } from './method.ts';
import type { ClockSource } from './modules.ts';
import { RelationObj } from './relation.ts';

/** An entry of the `indexes` config as macros see it; None stays None. Raises for an entry without columns. */
export function indexValue(raw: Value, clock: ClockSource): Value {
  if (raw === null) return null;
  const columns = raw instanceof Dict ? raw.get('columns') : undefined;
  if (!(raw instanceof Dict) || columns === undefined || typeof columns === 'string')
    throw new PyError('CompilationError', `Could not parse index: ${repr(raw)}: it needs \`columns\`, a list of names`);
  const known = new Set<Value>(['name', 'columns', 'unique', 'type', 'method', 'column_names']);
  const stray = [...raw.keys()].find((key) => !known.has(key));
  if (stray !== undefined) throw new PyError('CompilationError', `Could not parse index: ${repr(raw)}: \`${str(stray)}\` is no key of an index`);
  return new IndexObj([...iterate(columns)].map(str), truthy(raw.get('unique') ?? false), raw.get('type') ?? null, clock);
}

class IndexObj extends Obj {
  readonly typeName = 'IndexConfig';
  private readonly columns: readonly string[];
  private readonly unique: boolean;
  private readonly type: Value;
  private readonly clock: ClockSource;
  constructor(columns: readonly string[], unique: boolean, type: Value, clock: ClockSource) {
    super();
    this.columns = columns;
    this.unique = unique;
    this.type = type;
    this.clock = clock;
  }
  override attr(name: string): Value | undefined {
    switch (name) {
      case 'columns':
        return [...this.columns];
      case 'unique':
        return this.unique;
      case 'type':
        return this.type;
      case 'name':
        return null;
      case 'render':
        return boundMethod<IndexObj>(this, name, signature(name, 1, 'relation'), (self, [relation]) => self.nameFor(relation as Value));
      default:
        return undefined;
    }
  }
  override truthy(): boolean {
    return true;
  }
  /** A name of its own: the index of the table that this one replaces may still stand beside it, so the time goes in. */
  private nameFor(relation: Value): string {
    const shown = relation instanceof RelationObj ? relation.render() : str(relation);
    const { startedAt, now } = this.clock;
    return createHash('md5')
      .update([...this.columns, shown, this.unique, str(this.type), now?.() ?? startedAt].join('_'))
      .digest('hex');
  }
}
