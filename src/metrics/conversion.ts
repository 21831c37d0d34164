import { fail } from '../text/index.ts';
import { LateName } from './ctes.ts';
import { interval, truncated } from './grain.ts';
import type { Output, Relation } from './relation.ts';
import type { Scope, Wanted } from './scope.ts';
import { MeasureRows } from './select.ts';
import { aggregate, aliased, identifier, joinText, selectText } from './text.ts';
import type { Leaf, Tree } from './tree.ts';

/** What became of rows: each row of the conversion is counted with the last row before it that it can have come from. */
export class ConversionRelation implements Relation {
  readonly columns: readonly string[];
  readonly inputs: readonly Relation[] = [];
  private readonly scope: Scope;
  private readonly wanted: readonly Wanted[];
  private readonly tree: Extract<Tree, { readonly kind: 'conversion' }>;
  private readonly called: LateName;

  constructor(scope: Scope, wanted: readonly Wanted[], tree: Extract<Tree, { readonly kind: 'conversion' }>) {
    this.scope = scope;
    this.wanted = wanted;
    this.tree = tree;
    this.called = new LateName(scope.ctes);
    this.columns = [tree.name];
  }

  get name(): string {
    return this.called.of(() => `${this.tree.name}_converted`);
  }

  forget(): void {
    this.called.forget();
  }

  text(outputs: readonly Output[]): string {
    const { tree } = this;
    const id = (name: string): string => identifier(this.scope.dialect, name);
    const cte = (name: string, text: string): string => id(this.scope.ctes.add(`${tree.name}_${name}`, text));
    const names = tree.how.constants.map((_, i) => `constant_${i + 1}`);
    const base = this.rows(
      tree.base,
      this.wanted,
      tree.how.constants.map(([of]) => of),
    );
    const became = this.rows(
      tree.conversion,
      [],
      tree.how.constants.map(([, of]) => of),
      true,
    );
    const equal = ['joined_by', ...names].map((n) => `base.${n} = became.${n}`);
    const { window } = tree.how;
    const since = window ? [`base.happened_on > became.happened_on - ${interval(window.count, window.granularity)}`] : [];
    const attributed = selectText({
      distinct: 'distinct on (became.id)',
      columns: ['became.id', 'became.value', ...this.wanted.map((w) => `base.${id(w.column)}`)],
      from: [
        `from ${cte('became', became)} as became`,
        joinText('inner', `${cte('base', base)} as base`, [...equal, 'base.happened_on <= became.happened_on', ...since]),
      ],
      orderBy: 'became.id, base.happened_on desc',
    });
    const from = [`from ${cte('attributed', attributed)}`];
    const values = outputs.map((o) =>
      aliased(
        o.sql(() => aggregate(tree.conversion.measure, 'value')),
        id(o.name),
      ),
    );
    return selectText({ columns: [...this.wanted.map((w) => id(w.column)), ...values], from, groups: this.wanted.length });
  }

  /** The rows of one side: when each happened, and what must be equal in both. */
  private rows(leaf: Leaf, wanted: readonly Wanted[], constants: readonly string[], isConversion = false): string {
    const { measure } = leaf;
    const own = constants.map(
      (c) => measure.model.dimensions.find((d) => d.name === c) ?? fail('metric-item', { name: c, metrics: [leaf.metric], available: [] }),
    );
    const filters = [...leaf.filters, ...leaf.outer];
    const rows = new MeasureRows(this.scope, leaf, { wanted, filters, measures: [measure], entities: [this.tree.how.entity], own });
    const columns = [
      ...(isConversion ? ['row_number() over () as id', `${rows.own(measure)} as value`] : rows.columns()),
      `${rows.entitySql(this.tree.how.entity)} as joined_by`,
      `${truncated(rows.time(), measure.time?.grain ?? fail('metric-unsupported', { what: `a conversion without a time, as \`${leaf.metric}\`` }))} as happened_on`,
      ...own.map((d, i) => `${rows.own(d)} as constant_${i + 1}`),
    ];
    return selectText({ columns, from: rows.from(), where: [...filters.map((f) => rows.condition(f)), ...(isConversion ? [] : rows.within())] });
  }
}
