import { bind, type Environment, Native, Obj, PyError, signature, type Value } from '../jinja/index.ts';
import { DiagnosticError, fail } from '../text/index.ts';
import { grainOf, PARTS } from './grain.ts';

/** What to group or filter by, as somebody named it: `customer__region`, `metric_time__month`, `TimeDimension('metric_time', 'month')`. */
export interface ItemName {
  /** As it was written. */
  readonly text: string;
  /** Entities that lead to it; may be the last few of them only. */
  readonly path: readonly string[];
  readonly element: string;
  /** Of the calendar, or a period of the project's own. */
  readonly grain: string | undefined;
  /** `month` of `extract_month`: a part of the date instead of a period. */
  readonly part: string | undefined;
}

/** The value of a metric for each of some entities: `Metric('orders', group_by=['customer'])`. */
export interface MetricName {
  readonly metric: string;
  readonly by: readonly string[];
}

/** SQL of a condition with names in it. */
export interface Filter {
  readonly text: string;
  readonly pieces: readonly (string | ItemName | MetricName)[];
}

/** The names in a condition that are not of metrics. */
export function itemsOf(f: Filter): readonly ItemName[] {
  return f.pieces.filter((p) => typeof p !== 'string' && 'element' in p);
}

/** The metrics in a condition. */
export function metricsOf(f: Filter): readonly MetricName[] {
  return f.pieces.filter((p) => typeof p !== 'string' && 'metric' in p);
}

/** The SQL of a condition, with what stands for its names. Conditions with metrics in them need `metric`. */
export function conditionText(f: Filter, item: (name: ItemName) => string, metric?: (name: MetricName) => string): string {
  const sql = (piece: string | ItemName | MetricName): string | undefined =>
    typeof piece === 'string' ? piece : 'metric' in piece ? metric?.(piece) : item(piece);
  return f.pieces
    .map((piece) => sql(piece) ?? '')
    .join('')
    .trim();
}

/** Reads names and conditions. */
export interface NameReader {
  /** A name in either way of writing. Throws a diagnostic where it is none. */
  item(text: string): ItemName;
  /** A condition with `{{ Dimension('...') }}` in it. Throws a diagnostic for a mistake in its template. */
  filter(text: string): Filter;
}

/** A reader for a project with these periods of its own. */
export function nameReader(environment: Environment, periods: ReadonlySet<string>): NameReader {
  const plain = (text: string, grained = true): ItemName => {
    const words = text.trim().split('__');
    const last = words.at(-1) ?? '';
    const part = grained && words.length > 1 ? /^extract_(\w+)$/.exec(last)?.[1] : undefined;
    const grain = grained && words.length > 1 && (grainOf(last) || periods.has(last)) ? last.toLowerCase() : undefined;
    if (part !== undefined || grain !== undefined) words.pop();
    return { text, path: words.slice(0, -1), element: words.at(-1) ?? '', grain, part };
  };
  const read = (text: string, shown = text): Filter => {
    const names = new Captured(plain);
    const rendered = rendering(environment, text, shown, (name) => names.members.get(name));
    return { text, pieces: rendered.split('\0').map((piece, i) => (i % 2 === 0 ? piece : names.at(Number(piece)))) };
  };
  return {
    item(text) {
      if (!text.includes('(')) return plain(text);
      const [before, item, ...after] = read(`{{ ${text} }}`, text).pieces;
      if (typeof item !== 'object' || !('element' in item) || before !== '' || after.join('') !== '')
        fail('metric-filter', { text, problem: 'it names nothing to group by' });
      return { ...item, text };
    },
    filter: (text) => read(text),
  };
}

function rendering(environment: Environment, text: string, shown: string, names: (name: string) => Value | undefined): string {
  try {
    return environment.parseText(text, 'filter').render(names);
  } catch (e) {
    if (e instanceof DiagnosticError && !e.diagnostic.code.startsWith('metric-')) fail('metric-filter', { text: shown, problem: e.diagnostic.message });
    throw e;
  }
}

/** What stands for a name until its SQL is known. */
const mark = (index: number): string => `\0${index}\0`;

/** The names a condition may use. Each call prints a mark, which stands for what it named. */
class Captured {
  readonly members: ReadonlyMap<string, Value>;
  private readonly items: (ItemName | MetricName)[] = [];

  constructor(plain: (text: string, grained?: boolean) => ItemName) {
    const dimension = signature('Dimension', 0, 'name', 'entity_path=');
    const timed = signature('TimeDimension', 0, 'time_dimension_name', 'time_granularity_name=', 'entity_path=', 'descending=', 'date_part_name=');
    const named = (name: Value | undefined, path: Value | undefined, grained = true): ItemName => {
      const item = plain(String(name), grained);
      return { ...item, path: [...(Array.isArray(path) ? path.map(String) : []), ...item.path] };
    };
    const word = (v: Value | undefined): string | undefined => (v === undefined || v === null ? undefined : String(v).toLowerCase());
    const simple = (args: Parameters<typeof bind>[1]): Value => {
      const [name, path] = bind(dimension, args);
      return this.add(named(name, path));
    };
    this.members = new Map<string, Value>([
      ['Dimension', new Native('Dimension', simple)],
      ['Entity', new Native('Entity', simple)],
      [
        'TimeDimension',
        new Native('TimeDimension', (args) => {
          const [name, grain, path, , part] = bind(timed, args);
          // Where the grain is said, a name that ends in the word for one is a name.
          const item = named(name, path, word(grain) === undefined);
          return this.add({ ...item, grain: word(grain) ?? item.grain, part: word(part) ?? item.part });
        }),
      ],
      [
        'Metric',
        new Native('Metric', (args) => {
          const [name, by] = bind(signature('Metric', 0, 'metric_name', 'group_by='), args);
          return mark(this.items.push({ metric: String(name), by: Array.isArray(by) ? by.map(String) : [] }) - 1);
        }),
      ],
    ]);
  }

  at(i: number): ItemName | MetricName {
    const item = this.items[i];
    if (!item) throw new Error(`no name ${i} was captured`);
    return item;
  }

  private add(item: ItemName): Value {
    if (item.part !== undefined && !PARTS.has(item.part))
      throw new PyError('ValueError', `\`${item.part}\` is no part of a date: ${[...PARTS.keys()].join(', ')}`);
    return new Named(item, this.items.push(item) - 1, (changed) => this.add(changed));
  }
}

/** `Dimension('order__ordered_on').grain('month')`: prints as a mark. */
class Named extends Obj {
  readonly typeName = 'Dimension';
  private readonly meant: ItemName;
  private readonly index: number;
  private readonly change: (item: ItemName) => Value;
  constructor(item: ItemName, index: number, change: (item: ItemName) => Value) {
    super();
    this.meant = item;
    this.index = index;
    this.change = change;
  }
  override attr(name: string): Value | undefined {
    const one = (key: 'grain' | 'part'): Value =>
      new Native(name, (args) => {
        const [value] = bind(signature(name, 0, 'name'), args);
        return this.change({ ...this.meant, [key]: String(value).toLowerCase() });
      });
    return name === 'grain' ? one('grain') : name === 'date_part' ? one('part') : undefined;
  }
  override truthy(): boolean {
    return true;
  }
  override str(): string {
    return mark(this.index);
  }
}
