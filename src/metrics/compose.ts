import { tokens } from '../sql/index.ts';
import { ConversionRelation } from './conversion.ts';
import { LateName } from './ctes.ts';
import { filled, keyOf, LeafRelation, type Output, type Ref, type Registry, type Relation } from './relation.ts';
import type { Scope, Wanted } from './scope.ts';
import { identifier, operand, selectText } from './text.ts';
import type { Leaf, Tree } from './tree.ts';

/** A metric as SQL over columns of relations. */
interface Placed {
  readonly relations: readonly Relation[];
  readonly sql: (ref: Ref) => string;
}

/** A statement in its parts. */
export interface Statement {
  readonly ctes: readonly (readonly [name: string, text: string])[];
  readonly last: string;
}

/** Writes the statement that computes metrics, each under its name. */
export function statementOf(scope: Scope, wanted: readonly Wanted[], trees: readonly Tree[]): Statement {
  const composer = new Composer(scope, wanted);
  const placed = trees.map((t) => composer.place(t));
  const outputs = trees.map((t, i): Output => ({ name: t.name, sql: (ref) => (placed[i] as Placed).sql(ref) }));
  const relations = [...new Set(placed.flatMap((p) => p.relations))];
  const only = relations.length === 1 ? relations[0] : undefined;
  const last = only ?? new Combined(scope, wanted, 'metrics', outputs, relations);
  return composer.write(last, only === last ? outputs : outputs.map((o) => ({ name: o.name, sql: (ref) => ref(last, o.name, null) })));
}

class Composer implements Registry {
  private readonly scope: Scope;
  private readonly wanted: readonly Wanted[];
  private readonly leaves = new Map<string, LeafRelation>();
  /** All there are, but one that only the last SELECT is. */
  private readonly relations: Relation[] = [];
  private readonly written = new Set<Relation>();
  private asked: Relation[] = [];

  constructor(scope: Scope, wanted: readonly Wanted[]) {
    this.scope = scope;
    this.wanted = wanted;
  }

  place(tree: Tree): Placed {
    switch (tree.kind) {
      case 'leaf': {
        const { relation, column } = this.leaf(tree.leaf, this.wanted, true);
        return { relations: [relation], sql: (ref) => ref(relation, column, tree.leaf.fill) };
      }
      case 'ratio': {
        const [above, below] = [this.place(tree.numerator), this.place(tree.denominator)];
        return this.joined(tree, [above, below], (ref) => ratio(above.sql(ref), below.sql(ref)));
      }
      case 'derived': {
        const inputs = new Map(tree.inputs.map((i) => [i.name.toLowerCase(), this.place(i.tree)]));
        return this.joined(tree, [...inputs.values()], (ref) => replaced(tree.expr, (name) => inputs.get(name.toLowerCase())?.sql(ref)));
      }
      case 'conversion': {
        const base = this.leaf(tree.base, this.wanted, true);
        const became = this.made(new ConversionRelation(this.scope, this.wanted, tree));
        const sql = (ref: Ref): string => ref(became, tree.name, tree.conversion.fill);
        const rate = (ref: Ref): string => ratio(sql(ref), ref(base.relation, base.column, tree.base.fill));
        return this.joined(tree, [{ relations: [base.relation, became], sql }], tree.how.rate ? rate : sql);
      }
    }
  }

  leaf(leaf: Leaf, wanted: readonly Wanted[], ranged: boolean): { readonly relation: Relation; readonly column: string } {
    const { start, end } = this.scope.range;
    const limited = ranged && (start !== undefined || end !== undefined);
    const key = keyOf(leaf, wanted, limited);
    let relation = this.leaves.get(key);
    if (!relation) this.leaves.set(key, (relation = this.made(new LeafRelation(this.scope, leaf, wanted, limited, this))));
    this.asked.push(relation);
    return { relation, column: relation.add(leaf) };
  }

  /** Writes everything twice: the first time tells which measures share a relation. */
  write(last: Relation, outputs: readonly Output[]): Statement {
    const whole = (): string => {
      this.scope.ctes.clear();
      this.written.clear();
      this.scope.imports.clear();
      for (const relation of this.relations) relation.forget();
      return this.text(last, outputs);
    };
    whole();
    const text = whole();
    return { ctes: [...this.scope.imports.texts(), ...this.scope.ctes.all()], last: text };
  }

  /** The text of a relation, after the CTEs of those it reads. */
  private text(relation: Relation, outputs: readonly Output[]): string {
    this.asked = [...relation.inputs];
    const text = relation.text(outputs);
    for (const needed of this.asked) this.emit(needed);
    return text;
  }

  private emit(relation: Relation): void {
    if (this.written.has(relation)) return;
    this.written.add(relation);
    const outputs = relation.columns.map((name): Output => ({ name, sql: (ref) => ref(relation, name, null) }));
    this.scope.ctes.set(relation.name, this.text(relation, outputs));
  }

  /** A metric of several: where they are in one relation it is too, else it joins them in one of its own. */
  private joined(tree: Tree, parts: readonly Placed[], sql: (ref: Ref) => string): Placed {
    const relations = [...new Set(parts.flatMap((p) => p.relations))];
    if (relations.length === 1) return { relations, sql };
    const combined = this.made(new Combined(this.scope, this.wanted, tree.name, [{ name: tree.name, sql }], relations));
    return { relations: [combined], sql: (ref) => ref(combined, tree.name, null) };
  }

  private made<R extends Relation>(relation: R): R {
    this.relations.push(relation);
    return relation;
  }
}

/** Relations side by side, a row for whatever is in any of them. */
class Combined implements Relation {
  readonly columns: readonly string[];
  readonly inputs: readonly Relation[];
  private readonly scope: Scope;
  private readonly wanted: readonly Wanted[];
  private readonly values: readonly Output[];
  private readonly metric: string;
  private readonly called: LateName;

  constructor(scope: Scope, wanted: readonly Wanted[], metric: string, values: readonly Output[], inputs: readonly Relation[]) {
    this.scope = scope;
    this.wanted = wanted;
    this.metric = metric;
    this.called = new LateName(scope.ctes);
    this.values = values;
    this.columns = values.map((v) => v.name);
    this.inputs = inputs;
  }

  get name(): string {
    return this.called.of(() => this.metric);
  }

  forget(): void {
    this.called.forget();
  }

  text(outputs: readonly Output[]): string {
    const id = (name: string): string => identifier(this.scope.dialect, name);
    const groups = this.wanted.map((w) => id(w.column));
    // Groups of NULL match no other in a join: the rows they are in become one by grouping again.
    const inner: Ref = (relation, column, fill) => {
      const sql = `${id(relation.name)}.${id(column)}`;
      return filled(groups.length > 0 ? `max(${sql})` : sql, fill);
    };
    const value = (name: string): string => this.values.find((v) => v.name === name)?.sql(inner) ?? '';
    const [first, ...others] = this.inputs.map((r) => id(r.name));
    const join = (name: string): string => (groups.length > 0 ? `full outer join ${name} using (${groups.join(', ')})` : `cross join ${name}`);
    return selectText({
      columns: [...groups, ...outputs.map((o) => `${o.sql((_, name, fill) => filled(value(name), fill))} as ${id(o.name)}`)],
      from: [`from ${first}`, ...others.map(join)],
      groups: groups.length,
    });
  }
}

function ratio(above: string, below: string): string {
  return `cast(${above} as double precision) / nullif(cast(${below} as double precision), 0)`;
}

/** An expression with what stands for its names in their place. */
function replaced(expr: string, value: (name: string) => string | undefined): string {
  return [...tokens(expr)]
    .map(({ kind, start, end }) => {
      const found = kind === 'word' && expr[start - 1] !== '.' ? value(expr.slice(start, end)) : undefined;
      const alone = /(^|[(,])\s*$/.test(expr.slice(0, start)) && /^\s*([,)]|$)/.test(expr.slice(end));
      return found === undefined ? expr.slice(start, end) : alone ? found : operand(found);
    })
    .join('');
}
