import type { Dialect } from '../sql/index.ts';
import type { Ctes } from './ctes.ts';
import { truncated } from './grain.ts';
import type { Reached, Step } from './reach.ts';
import type { Dimension, Model } from './semantics.ts';
import { aliased, identifier, isLiteral, isName, joinText, selectText } from './text.ts';

/** A column of a semantic model: an expression over the columns of its relation, and its name. */
export interface Element {
  readonly name: string;
  readonly expr: string;
}

/** The CTEs that make columns of semantic models whose expressions cannot stand where several relations are joined. */
export class Imports {
  private readonly dialect: Dialect;
  private readonly ctes: Ctes;
  private readonly made = new Map<Model, { readonly name: string; readonly columns: Map<string, string> }>();

  constructor(dialect: Dialect, ctes: Ctes) {
    this.dialect = dialect;
    this.ctes = ctes;
  }

  /** The name of a model's CTE. */
  of(model: Model): string {
    return this.cte(model).name;
  }

  add(model: Model, element: Element): void {
    this.cte(model).columns.set(element.name, element.expr);
  }

  clear(): void {
    this.made.clear();
  }

  /** Name and text of each, in the order they were asked for. */
  texts(): readonly (readonly [string, string])[] {
    return [...this.made].map(([model, { name, columns }]) => {
      const list = [...columns].map(([column, expr]) => aliased(expr, identifier(this.dialect, column)));
      return [name, selectText({ columns: list, from: [`from ${model.table}`] })] as const;
    });
  }

  private cte(model: Model): { readonly name: string; readonly columns: Map<string, string> } {
    let found = this.made.get(model);
    if (!found) this.made.set(model, (found = { name: this.ctes.unique(model.name), columns: new Map() }));
    return found;
  }
}

/** A relation in a FROM clause. */
interface Table {
  readonly model: Model;
  readonly alias: string;
  /** How it is joined, and to which; undefined for the first. */
  readonly join: { readonly step: Step; readonly to: Table } | undefined;
  /** What of it is asked for. */
  readonly elements: Element[];
}

/** The rows of a semantic model, with those of others joined to them: a FROM clause, and the columns it has. */
export class Rows {
  private readonly dialect: Dialect;
  private readonly imports: Imports;
  private readonly base: Table;
  private readonly tables: Table[];
  /** Whether other relations stand beside the model's, so that columns need to say whose they are. */
  private readonly beside: boolean;
  /** The time at which rows with a validity must hold. */
  private readonly time: Dimension | undefined;

  /** `own`: expressions over the model itself that will be asked for; `reached`: everything else. */
  constructor(
    dialect: Dialect,
    imports: Imports,
    model: Model,
    needs: { readonly own: readonly Element[]; readonly reached: readonly Reached[]; readonly time: Dimension | undefined; readonly beside: boolean },
  ) {
    this.dialect = dialect;
    this.imports = imports;
    this.time = needs.time;
    this.beside = needs.beside || needs.reached.some((r) => r.steps.length > 0);
    this.base = { model, alias: model.name, join: undefined, elements: [...needs.own] };
    this.tables = [this.base];
    for (const r of needs.reached) this.table(r.steps).elements.push(r.element);
    for (const t of this.tables) if (this.isImported(t)) for (const e of t.elements) if (!isLiteral(e.expr)) imports.add(t.model, e);
  }

  /** SQL of an expression over the model itself. */
  own(element: Element): string {
    return this.column(this.base, element);
  }

  /** SQL of what was reached. */
  reached(r: Reached): string {
    return this.column(this.table(r.steps), r.element);
  }

  /** The relation of the model as it stands in FROM. */
  get first(): string {
    return this.reference(this.base);
  }

  /** The joins to others. */
  joins(): readonly string[] {
    return this.tables.flatMap((t) => (t.join ? [joinText('left', this.reference(t), this.conditions(t, t.join.step, t.join.to))] : []));
  }

  private conditions(t: Table, { left, right, model }: Step, to: Table): readonly string[] {
    const equal = `${this.column(t, right)} = ${this.column(to, left)}`;
    if (!model.validity || !this.time?.grain) return [equal];
    const time = truncated(this.own(this.time), this.time.grain);
    const [start, end] = [this.column(t, model.validity.start), this.column(t, model.validity.end)];
    return [equal, `${time} >= ${start}`, `(${time} < ${end} or ${end} is null)`];
  }

  /** The relation that joins lead to, which is joined where it is not yet. */
  private table(steps: readonly Step[]): Table {
    return steps.reduce(
      (from, step) => this.tables.find((t) => t.join?.to === from && t.join.step.left === step.left && t.model === step.model) ?? this.join(from, step),
      this.base,
    );
  }

  private join(to: Table, step: Step): Table {
    const { left, right, model } = step;
    const taken = (name: string): boolean => this.tables.some((t) => t.alias === name);
    const wanted = taken(model.name) ? `${left.name}_${model.name}` : model.name;
    let alias = wanted;
    for (let i = 2; taken(alias); i++) alias = `${wanted}_${i}`;
    to.elements.push(left);
    if (model.validity && this.time) this.base.elements.push(this.time);
    const made: Table = { model, alias, join: { step, to }, elements: [right, ...(model.validity ? [model.validity.start, model.validity.end] : [])] };
    this.tables.push(made);
    return made;
  }

  /** Where an expression is more than a name, nothing tells whose its names are: the CTE of its model computes it. */
  private isImported(t: Table): boolean {
    return this.beside && t.elements.some((e) => !isName(e.expr) && !isLiteral(e.expr));
  }

  private reference(t: Table): string {
    const alias = identifier(this.dialect, t.alias);
    if (!this.beside) return String(t.model.table);
    const cte = this.isImported(t) ? identifier(this.dialect, this.imports.of(t.model)) : undefined;
    return cte === alias ? alias : `${cte ?? t.model.table} as ${alias}`;
  }

  private column(t: Table, { name, expr }: Element): string {
    if (!this.beside || isLiteral(expr)) return expr;
    return `${identifier(this.dialect, t.alias)}.${this.isImported(t) ? identifier(this.dialect, name) : expr}`;
  }
}
