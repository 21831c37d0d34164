import { fail } from '../text/index.ts';
import { type Grain, PARTS, truncated } from './grain.ts';
import { conditionText, type Filter, type ItemName, itemsOf, type MetricName, metricsOf } from './names.ts';
import { type Reached, reach } from './reach.ts';
import { type Element, Rows } from './rows.ts';
import { isTimeOf, reachedBy, type Scope, type Wanted, wantedOf } from './scope.ts';
import type { Measure, NonAdditive } from './semantics.ts';
import { identifier, joinText, operand } from './text.ts';
import type { Leaf } from './tree.ts';

/** What the rows of a measure are asked for. */
export interface Asked {
  readonly wanted: readonly Wanted[];
  readonly filters: readonly Filter[];
  readonly measures: readonly Measure[];
  readonly nonAdditive?: NonAdditive;
  /** Further columns, and entities, of the model itself. */
  readonly entities?: readonly string[];
  readonly own?: readonly Element[];
  /** SQL of the time of a spine that the rows are joined to, which is what `metric_time` means then, and its grain. */
  readonly spine?: { readonly time: string; readonly grain: Grain };
}

/** The rows of a measure with all that is asked of them: columns, conditions and the FROM clause they stand on. */
export class MeasureRows {
  private readonly scope: Scope;
  private readonly leaf: Leaf;
  private readonly asked: Asked;
  private readonly rows: Rows;
  private readonly periods: readonly string[];
  private readonly metrics: readonly MetricName[];

  constructor(scope: Scope, leaf: Leaf, asked: Asked) {
    this.scope = scope;
    this.leaf = leaf;
    this.asked = asked;
    const items = [...asked.wanted, ...asked.filters.flatMap((f) => itemsOf(f).map((i) => this.find(i)))];
    const time = leaf.measure.time;
    const additive = asked.nonAdditive && leaf.measure.model.dimensions.find((d) => d.name === asked.nonAdditive?.dimension);
    const own: Element[] = [...asked.measures, ...(additive ? [additive] : []), ...(asked.own ?? []), ...(time ? [time] : [])];
    this.metrics = asked.filters.flatMap(metricsOf);
    const named = [...(asked.entities ?? []), ...(asked.nonAdditive?.groupings ?? []), ...this.metrics.flatMap((m) => m.by)];
    const entities = named.map((name) => this.entity(name));
    const reached = [...entities, ...items.flatMap((w) => (this.isTime(w) ? [] : (reachedBy(scope.semantics, leaf, w.name) ?? [])))];
    this.periods = [...new Set(items.flatMap((w) => w.period ?? []))];
    if (this.periods.length > 0 && (asked.spine !== undefined || items.some((w) => w.period !== undefined && !this.isTime(w))))
      fail('metric-unsupported', { what: `the period \`${this.periods[0]}\` with \`${leaf.metric}\`` });
    const beside = asked.spine !== undefined || this.periods.length > 0 || this.metrics.length > 0;
    this.rows = new Rows(scope.dialect, scope.imports, leaf.measure.model, { own, reached, time, beside });
  }

  /** The relation of the measure's model as it stands in FROM. */
  get first(): string {
    return this.rows.first;
  }

  /** The joins to what is asked for of other models, and to the spines of periods. */
  joins(): readonly string[] {
    return [...this.rows.joins(), ...this.periods.map((p) => this.periodJoin(p)), ...new Set(this.metrics.map((m) => this.totals(m).join))];
  }

  from(): readonly string[] {
    return [`from ${this.first}`, ...this.joins()];
  }

  /** SQL of something to group by. */
  column(w: Wanted): string {
    const found = this.isTime(w) ? undefined : reachedBy(this.scope.semantics, this.leaf, w.name);
    const sql = found ? this.rows.reached(found) : (this.asked.spine?.time ?? this.time());
    if (w.part !== undefined) return `extract(${PARTS.get(w.part)} from ${sql})`;
    if (w.period !== undefined) return `${identifier(this.scope.dialect, this.spineOf(w.period).name)}.${this.spineOf(w.period).custom.get(w.period)}`;
    const isCut = !w.grain || (!found && w.grain === this.asked.spine?.grain);
    return isCut || !w.grain ? sql : truncated(sql, w.grain);
  }

  /** All that is asked for, each with its name. */
  columns(): readonly string[] {
    return this.asked.wanted.map((w) => `${this.column(w)} as ${identifier(this.scope.dialect, w.column)}`);
  }

  /** SQL of a condition. */
  condition(f: Filter): string {
    return conditionText(
      f,
      (item) => operand(this.column(this.find(item))),
      (metric) => this.totals(metric).value,
    );
  }

  /** SQL of the expression of a measure, or of another column of the model. */
  own(element: Element): string {
    return this.rows.own(element);
  }

  /** SQL of an entity of the model. */
  entitySql(name: string): string {
    return this.rows.reached(this.entity(name));
  }

  /** SQL of the time the measure is added up along, as its column has it. */
  time(): string {
    const { measure, metric } = this.leaf;
    return measure.time ? this.rows.own(measure.time) : fail('metric-item', { name: 'metric_time', metrics: [metric], available: [] });
  }

  /** Conditions that keep the rows within the days of the query. */
  within(): readonly string[] {
    const { start, end } = this.scope.range;
    const time = start === undefined && end === undefined ? '' : operand(this.time());
    return [...(start === undefined ? [] : [`${time} >= '${start}'`]), ...(end === undefined ? [] : [`${time} < '${end}'`])];
  }

  private isTime(w: Wanted): boolean {
    return isTimeOf(this.scope.semantics, this.leaf, w);
  }

  private find(item: ItemName): Wanted {
    return wantedOf(this.scope.semantics, item, [this.leaf]);
  }

  private entity(name: string): Reached {
    const { model } = this.leaf.measure;
    const found = reach(this.scope.semantics, model).find((r) => r.name === name && r.element.kind === 'entity');
    return found ?? fail('metric-item', { name, metrics: [this.leaf.metric], available: model.entities.map((e) => e.name) });
  }

  private spineOf(period: string) {
    const { spines } = this.scope.semantics;
    return spines.find((s) => s.custom.has(period)) ?? fail('metric-needs-spine', { metric: this.leaf.metric, grain: 'day', period });
  }

  /** The values of a metric in a condition, one for each of its entities: how they are joined, and SQL of the value. */
  private totals(m: MetricName): { readonly join: string; readonly value: string } {
    const id = (name: string): string => identifier(this.scope.dialect, name);
    if (m.by.length === 0) fail('metric-filter', { text: `Metric('${m.metric}')`, problem: 'it does not say for each of which entities: `group_by`' });
    const { name, columns } = this.scope.totals(m);
    const conditions = m.by.map((entity, i) => `${id(name)}.${id(columns[i] ?? '')} = ${this.entitySql(entity)}`);
    return { join: joinText('left', id(name), conditions), value: `${id(name)}.${id(m.metric)}` };
  }

  private periodJoin(period: string): string {
    const spine = this.spineOf(period);
    const alias = identifier(this.scope.dialect, spine.name);
    return `left join ${spine.table} as ${alias} on ${alias}.${spine.column} = ${truncated(this.time(), spine.grain)}`;
  }
}
