import { fail } from '../text/index.ts';
import { LateName } from './ctes.ts';
import { type Grain, interval, truncated } from './grain.ts';
import { conditionText, type Filter, type ItemName, itemsOf, metricsOf } from './names.ts';
import { isTimeOf, type Scope, spineFor, type Wanted, wantedOf } from './scope.ts';
import { MeasureRows } from './select.ts';
import type { Measure, Offset, TimeSpine } from './semantics.ts';
import { aggregate, aliased, identifier, joinText, operand, selectText } from './text.ts';
import type { Leaf } from './tree.ts';

/** SQL of a column of a relation. */
export type Ref = (relation: Relation, column: string, fill: number | null) => string;

/** A column to put out: a name, and SQL over the columns of relations. */
export interface Output {
  readonly name: string;
  readonly sql: (ref: Ref) => string;
}

/** A table of values by what is grouped by: one CTE, or the last SELECT of a query. */
export interface Relation {
  readonly name: string;
  /** The names of its value columns. */
  readonly columns: readonly string[];
  /** The relations it reads, as far as they are known from the start. */
  readonly inputs: readonly Relation[];
  /** Gives its name up, so that the statement can be written anew. */
  forget(): void;
  /** The select, with the columns that are grouped by in front. */
  text(outputs: readonly Output[]): string;
}

/** Where relations find those they are made of. */
export interface Registry {
  /** The relation that has a measure under the leaf's conditions, grouped by this; the measure's column is in it from now on. */
  leaf(leaf: Leaf, wanted: readonly Wanted[], ranged: boolean): { readonly relation: Relation; readonly column: string };
}

/** Fills the place of NULL. */
export function filled(sql: string, fill: number | null): string {
  return fill === null ? sql : `coalesce(${sql}, ${fill})`;
}

/** What of a leaf makes a relation of its own: leaves that differ in the measure alone share one. */
export function keyOf(leaf: Leaf, wanted: readonly Wanted[], ranged: boolean): string {
  const { measure, joinToSpine, offsets, cumulative } = leaf;
  const filters = [...leaf.filters, ...leaf.outer].map((f) => f.text);
  const { model, time, nonAdditive } = measure;
  const how = cumulative && { ...cumulative, measure: undefined };
  return JSON.stringify([model.name, time?.name, nonAdditive, filters, joinToSpine, offsets, how, wanted.map((w) => w.column), ranged]);
}

/** Measures of one model under the same conditions. */
export class LeafRelation implements Relation {
  readonly columns: string[] = [];
  readonly inputs: readonly Relation[] = [];
  private readonly scope: Scope;
  private readonly leaf: Leaf;
  private readonly wanted: readonly Wanted[];
  private readonly ranged: boolean;
  private readonly registry: Registry;
  private readonly measures = new Map<string, Measure>();
  private readonly called: LateName;

  constructor(scope: Scope, leaf: Leaf, wanted: readonly Wanted[], ranged: boolean, registry: Registry) {
    this.scope = scope;
    this.leaf = leaf;
    this.wanted = wanted;
    this.ranged = ranged;
    this.registry = registry;
    this.called = new LateName(scope.ctes);
    if (!this.hasTime && this.leaf.offsets.length > 0) fail('metric-needs-time', { metric: leaf.query, why: 'is compared with an earlier time' });
    if (!this.hasTime && (leaf.cumulative?.window || leaf.cumulative?.toDate))
      fail('metric-needs-time', { metric: leaf.query, why: leaf.cumulative.window ? 'has a window' : 'adds up from the start of a period' });
  }

  /** After its measure, or after the model where there are several. */
  get name(): string {
    return this.called.of(() => (this.columns.length === 1 ? (this.columns[0] ?? '') : `${this.leaf.measure.model.name}_metrics`));
  }

  forget(): void {
    this.called.forget();
  }

  /** The column of a measure, which is added where it is not there. */
  add(leaf: Leaf): string {
    for (const [column, measure] of this.measures) if (measure === leaf.measure) return column;
    const column = this.measures.has(leaf.column) ? `${leaf.column}_${leaf.measure.name}` : leaf.column;
    this.measures.set(column, leaf.measure);
    this.columns.push(column);
    return column;
  }

  text(outputs: readonly Output[]): string {
    const { leaf } = this;
    if (leaf.cumulative && this.hasTime && this.smallest().rank > this.base().rank) return this.byPeriod(outputs);
    if (leaf.offsets.length > 0) return this.offset(outputs);
    if (leaf.cumulative && this.hasTime) return this.cumulative(outputs);
    if (leaf.joinToSpine && this.hasTime) return this.onSpine(outputs, 'left');
    return leaf.measure.nonAdditive ? this.lastOnes(outputs) : this.plain(outputs);
  }

  private plain(outputs: readonly Output[]): string {
    const filters = [...this.leaf.filters, ...this.leaf.outer];
    const rows = this.rows({ filters });
    const where = [...filters.map((f) => rows.condition(f)), ...(this.ranged ? rows.within() : [])];
    return selectText({ columns: [...rows.columns(), ...this.aggregates(outputs, rows)], from: rows.from(), where, groups: this.wanted.length });
  }

  /** Rows that cannot be added up over time: of each grouping, and each period that is asked for, those of the first or last time. */
  private lastOnes(outputs: readonly Output[]): string {
    const { measure, metric } = this.leaf;
    const { nonAdditive, model } = measure;
    const dimension = model.dimensions.find((d) => d.name === nonAdditive?.dimension);
    if (!nonAdditive || !dimension?.grain)
      fail('metric-unsupported', { what: `\`non_additive_dimension\` without a time dimension, as \`${metric}\` has it,` });
    const filters = [...this.leaf.filters, ...this.leaf.outer];
    const rows = this.rows({ filters, nonAdditive });
    const time = truncated(rows.own(dimension), dimension.grain);
    const periods = this.wanted.filter((w) => this.isTime(w) && dimension === measure.time);
    const by = [...nonAdditive.groupings.map((g) => rows.entitySql(g)), ...periods.map((w) => rows.column(w))];
    const kept = this.columns.map((c) => aliased(rows.own(this.measureOf(c)), this.id(c)));
    const chosen = `${nonAdditive.choice}(${time}) over (${by.length > 0 ? `partition by ${by.join(', ')}` : ''})`;
    const where = [...filters.map((f) => rows.condition(f)), ...(this.ranged ? rows.within() : [])];
    const columns = [...rows.columns(), ...kept, `${time} as measured_on`, `${chosen} as chosen_on`];
    const source = this.cte(`${this.columns[0]}_rows`, selectText({ columns, from: rows.from(), where }));
    const values = outputs.map((o) => this.output(o, (c) => aggregate(this.measureOf(c), this.id(c))));
    return selectText({
      columns: [...this.groupColumns(), ...values],
      from: [`from ${source}`],
      where: ['measured_on = chosen_on'],
      groups: this.wanted.length,
    });
  }

  /** A running total: for each time of the spine, all rows of its window. */
  private cumulative(outputs: readonly Output[]): string {
    const { leaf, scope } = this;
    const base = this.base();
    const spine = spineFor(scope.semantics, leaf.metric, base);
    const at = this.spineTime(spine);
    const days = base.rank > spine.grain.rank ? truncated(at, base) : at;
    const filters = [...leaf.filters, ...leaf.outer];
    const rows = this.rows({ filters, spine: { time: days, grain: base } });
    const time = truncated(rows.time(), base);
    const { window, toDate } = leaf.cumulative ?? {};
    const conditions = [`${time} <= ${days}`];
    if (window) conditions.push(`${time} > ${days} - ${interval(window.count, window.granularity)}`);
    else if (toDate) conditions.push(`${time} >= ${truncated(days, toDate)}`);
    const from = [`from ${this.spineFrom(spine)}`, joinText('inner', rows.first, conditions), ...rows.joins()];
    const where = [...filters.map((f) => rows.condition(f)), ...(this.ranged ? this.withinSpine(days) : [])];
    return selectText({ columns: [...rows.columns(), ...this.aggregates(outputs, rows)], from, where, groups: this.wanted.length });
  }

  /** Of a running total that is known for each day, the value that stands for each longer period. */
  private byPeriod(outputs: readonly Output[]): string {
    const { leaf } = this;
    const base = this.base();
    const time: Wanted = { column: `metric_time__${base.name}`, name: 'metric_time', grain: base, period: undefined, part: undefined };
    const wanted = [time, ...this.wanted.filter((w) => !this.isTime(w))];
    const source = this.columns.map((c) => this.registry.leaf({ ...leaf, measure: this.measureOf(c), column: `${c}_by_${base.name}` }, wanted, this.ranged));
    const daily = new Map(this.columns.map((c, i) => [c, this.id(source[i]?.column ?? c)]));
    const groups = this.wanted.map((w) => (this.isTime(w) ? `${this.timeSql(w, time.column)} as ${this.id(w.column)}` : this.id(w.column)));
    const { period } = leaf.cumulative ?? {};
    const chosen = (c: string): string =>
      period === 'average' ? `avg(${daily.get(c)})` : `(array_agg(${daily.get(c)} order by ${time.column}${period === 'last' ? ' desc' : ''}))[1]`;
    const values = outputs.map((o) => this.output(o, chosen));
    return selectText({ columns: [...groups, ...values], from: [`from ${this.id(source[0]?.relation.name ?? '')}`], groups: this.wanted.length });
  }

  private offset(outputs: readonly Output[]): string {
    const smallest = this.smallest();
    const fits = (o: Offset): boolean => {
      const grain = 'window' in o ? o.window.granularity : o.toGrain;
      return smallest.rank <= grain.rank && !('toGrain' in o && smallest.name === 'week');
    };
    // An offset by less than the period that is asked for moves rows, not periods.
    return this.leaf.offsets.every(fits) ? this.onSpine(outputs, this.leaf.joinToSpine ? 'left' : 'inner') : this.moved(outputs);
  }

  /** Rows, each found from the later time it is shown at. */
  private moved(outputs: readonly Output[]): string {
    const { leaf, scope } = this;
    const { time } = leaf.measure;
    if (leaf.measure.nonAdditive || leaf.cumulative || leaf.joinToSpine || !time?.grain)
      fail('metric-unsupported', { what: `an offset of \`${leaf.metric}\` by less than the period that is asked for` });
    const spine = spineFor(scope.semantics, leaf.metric, time.grain);
    const days = this.spineTime(spine);
    const filters = [...leaf.filters, ...leaf.outer];
    const rows = this.rows({ filters, spine: { time: days, grain: time.grain } });
    const from = [
      `from ${this.spineFrom(spine)}`,
      joinText('inner', rows.first, [`${truncated(rows.time(), time.grain)} = ${this.shifted(days)}`]),
      ...rows.joins(),
    ];
    const where = [...filters.map((f) => rows.condition(f)), ...this.withinSpine(days)];
    if (leaf.offsets.some((o) => 'toGrain' in o)) where.push(`${days} = ${truncated(days, this.smallest())}`);
    return selectText({ columns: [...rows.columns(), ...this.aggregates(outputs, rows)], from, where, groups: this.wanted.length });
  }

  /** Values by period, each found from the later period it is shown at; or from every period there is. */
  private onSpine(outputs: readonly Output[], join: 'inner' | 'left'): string {
    const { leaf } = this;
    const shifts = leaf.offsets.length > 0;
    const untimed = (all: readonly Filter[]): readonly Filter[] => (shifts ? all.filter((f) => !this.isTimed(f)) : all);
    const times = this.wanted.filter((w) => this.isTime(w));
    const smallest = times.reduce((a, b) => (b.grain && a.grain && b.grain.rank < a.grain.rank ? b : a));
    const others = this.wanted.filter((w) => !this.isTime(w));
    const own = { ...leaf, offsets: [], joinToSpine: false, filters: untimed(leaf.filters), outer: untimed(leaf.outer) };
    const source = this.columns.map((c) =>
      this.registry.leaf({ ...own, measure: this.measureOf(c), column: shifts ? leaf.metric : c }, [smallest, ...others], this.ranged && !shifts),
    );
    const from = source[0]?.relation.name ?? '';
    const spine = this.periods(
      times,
      [...leaf.filters, ...leaf.outer].filter((f) => this.isTimed(f)),
    );
    const on = `${this.id(from)}.${this.id(smallest.column)} = ${this.shifted(`${spine}.${this.id(smallest.column)}`)}`;
    const groups = this.wanted.map((w) => `${this.isTime(w) ? spine : this.id(from)}.${this.id(w.column)}`);
    const sourceOf = new Map(this.columns.map((c, i) => [c, source[i]?.column ?? c]));
    const values = outputs.map((o) => this.output(o, (c) => `${this.id(from)}.${this.id(sourceOf.get(c) ?? c)}`));
    return selectText({ columns: [...groups, ...values], from: [`from ${spine}`, joinText(join, this.id(from), [on])], where: this.again(join, others, from) });
  }

  /** Conditions that the rows must fulfil again which the spine has added. */
  private again(join: 'inner' | 'left', others: readonly Wanted[], from: string): readonly string[] {
    if (join === 'inner') return [];
    const columnOf = (i: ItemName): string => wantedOf(this.scope.semantics, i, [this.leaf]).column;
    const fits = this.leaf.outer.filter((f) => metricsOf(f).length === 0 && itemsOf(f).every((i) => others.some((o) => o.column === columnOf(i))));
    return fits.map((f) => conditionText(f, (i) => `${this.id(from)}.${this.id(columnOf(i))}`));
  }

  /** The CTE of all periods of the time spine. */
  private periods(times: readonly Wanted[], filters: readonly Filter[]): string {
    const { scope, leaf } = this;
    const smallest = this.smallest();
    const spine = spineFor(scope.semantics, leaf.metric, smallest);
    const time = spine.column;
    const columns = times.map((w) => aliased(this.timeSql(w, time, spine), this.id(w.column)));
    const conditions = filters.map((f) => conditionText(f, (i) => this.timeSql(wantedOf(scope.semantics, i, [leaf]), time, spine)));
    const where = [...conditions, ...this.withinSpine(time)];
    const distinct = spine.grain.rank < smallest.rank ? { distinct: 'distinct' } : {};
    return this.cte(`${smallest.name}s`, selectText({ columns, from: [`from ${spine.table}`], where, ...distinct }));
  }

  /** SQL of the time that is shown at a time: each offset earlier. */
  private shifted(time: string): string {
    return this.leaf.offsets.reduce(
      (sql, o) => ('window' in o ? `${sql} - ${interval(o.window.count, o.window.granularity)}` : truncated(sql, o.toGrain)),
      time,
    );
  }

  private timeSql(w: Wanted, time: string, spine?: TimeSpine): string {
    if (!w.grain) fail('metric-unsupported', { what: `\`${w.column}\` with \`${this.leaf.metric}\`` });
    return w.grain === spine?.grain ? time : truncated(time, w.grain);
  }

  private withinSpine(time: string): readonly string[] {
    const { start, end } = this.scope.range;
    return [...(start === undefined ? [] : [`${operand(time)} >= '${start}'`]), ...(end === undefined ? [] : [`${operand(time)} < '${end}'`])];
  }

  private spineFrom(spine: TimeSpine): string {
    return `${spine.table} as ${this.id(spine.name)}`;
  }

  private spineTime(spine: TimeSpine): string {
    return `${this.id(spine.name)}.${spine.column}`;
  }

  private rows(more: Pick<ConstructorParameters<typeof MeasureRows>[2], 'filters' | 'spine' | 'nonAdditive'>): MeasureRows {
    return new MeasureRows(this.scope, this.leaf, { wanted: this.wanted, measures: [...this.measures.values()], ...more });
  }

  private aggregates(outputs: readonly Output[], rows: MeasureRows): readonly string[] {
    return outputs.map((o) => this.output(o, (c) => aggregate(this.measureOf(c), rows.own(this.measureOf(c)))));
  }

  private output(o: Output, column: (name: string) => string): string {
    return aliased(
      o.sql((_, name, fill) => filled(column(name), fill)),
      this.id(o.name),
    );
  }

  private groupColumns(): readonly string[] {
    return this.wanted.map((w) => this.id(w.column));
  }

  private measureOf(column: string): Measure {
    const measure = this.measures.get(column);
    if (!measure) throw new Error(`${column} is no column of ${this.name}`);
    return measure;
  }

  /** The finest grain of time that is asked for. */
  private smallest(): Grain {
    const grains = this.wanted.flatMap((w) => (this.isTime(w) ? [w] : []));
    const other = grains.find((w) => !w.grain);
    if (other) fail('metric-unsupported', { what: `\`${other.column}\` with \`${this.leaf.metric}\`` });
    const [first, ...more] = grains.flatMap((w) => w.grain ?? []);
    if (!first) throw new Error('a relation without time was asked for its grain');
    return more.reduce((a, b) => (b.rank < a.rank ? b : a), first);
  }

  /** Whether a condition speaks of nothing but the time. */
  private isTimed(f: Filter): boolean {
    const items = itemsOf(f);
    return metricsOf(f).length === 0 && items.length > 0 && items.every((i) => this.isTime(wantedOf(this.scope.semantics, i, [this.leaf])));
  }

  /** The grain that a running total is known at. */
  private base(): Grain {
    return this.leaf.grain ?? this.smallest();
  }

  private get hasTime(): boolean {
    return this.wanted.some((w) => this.isTime(w));
  }

  private isTime(w: Wanted): boolean {
    return isTimeOf(this.scope.semantics, this.leaf, w);
  }

  /** Adds a CTE; answers its name as SQL. */
  private cte(wanted: string, text: string): string {
    return this.id(this.scope.ctes.add(wanted, text));
  }

  private id(name: string): string {
    return identifier(this.scope.dialect, name);
  }
}
