import { differs } from './ast.ts';
import { common, type Type, type Typed } from './types.ts';

/** What a function gives for its arguments; throws {@link NotInMemory} where the engines may differ. */
type Rule = (args: readonly Typed[], name: string) => Type;

const are = (args: readonly Typed[], ...types: readonly Type[]): boolean => args.length === types.length && args.every((a, i) => a.type === types[i]);

/** A function that takes exactly these types. */
const takes =
  (gives: Type, ...types: readonly Type[]): Rule =>
  (args, name) =>
    are(args, ...types) ? gives : differs(`\`${name}\` of ${args.map((a) => a.type).join(', ')}`);

const oneOf =
  (...rules: readonly Rule[]): Rule =>
  (args, name) => {
    for (const rule of rules.slice(0, -1)) {
      try {
        return rule(args, name);
      } catch {
        // The last one says what is wrong.
      }
    }
    return (rules.at(-1) as Rule)(args, name);
  };

/** What has the type of its argument. */
const keeps =
  (...types: readonly Type[]): Rule =>
  (args, name) => {
    const [first] = args;
    return first && types.includes(first.type) ? first.type : differs(`\`${name}\` of ${first?.type ?? 'nothing'}`);
  };

/** What has the type of its first argument, which in Postgres a text does not have before it is known what it stands for. */
const first: Rule = ([arg], name) =>
  arg === undefined || (arg.type === 'text' && arg.constant !== undefined) ? differs(`\`${name}\` of a constant`) : arg.type;

/** Numbers of which the bigger one is the same whatever the locale. */
const ORDERED: readonly Type[] = ['integer', 'hugeint', 'decimal', 'double', 'date', 'timestamp'];

/** Makes sure that values are put in the same order by both: the order of texts is a matter of the locale. */
export function ordered(type: Type, what: string): Type {
  return ORDERED.includes(type) ? type : differs(`${what} of ${type}`);
}

const most: Rule = (args, name) => ordered(common(args, `\`${name}\``), `\`${name}\``);

const TEXTS: readonly Type[] = ['text', 'integer', 'null'];
const joined: Rule = (args, name) => (args.every((a) => TEXTS.includes(a.type)) ? 'text' : differs(`\`${name}\` of ${args.map((a) => a.type).join(', ')}`));

const number = (e: Typed | undefined): number => (e?.type === 'integer' && e.constant !== undefined ? Number(e.constant) : Number.NaN);

const plus: Rule = (args, name) => {
  const [a, b] = args as readonly [Typed, Typed | undefined];
  if (b === undefined) return keeps('integer', 'decimal', 'double')(args, name);
  if (a.type === 'date' && b.type === 'integer') return 'date';
  if ((a.type === 'date' || a.type === 'timestamp') && b.type === 'interval') return 'timestamp';
  if (name === '-' && a.type === 'date' && b.type === 'date') return 'integer';
  return arithmetic(args, name);
};

const arithmetic: Rule = (args, name) => {
  const type = common(args, `\`${name}\``);
  const literal = args.some((a) => a.type === 'text' || a.type === 'null');
  return !literal && (type === 'integer' || type === 'decimal' || type === 'double') ? type : differs(`\`${name}\` of ${args.map((a) => a.type).join(', ')}`);
};

/** Division by zero is an error in Postgres and NULL in DuckDB, and so are decimals divided otherwise. */
const divided: Rule = (args, name) => {
  const [a, b] = args;
  const divisor = number(b);
  if (Number.isNaN(divisor) || divisor === 0) return differs(`\`${name}\` by what may be zero`);
  return a?.type === 'integer' || (a?.type === 'double' && name === '/') ? a.type : differs(`\`${name}\` of ${a?.type}`);
};

/** Backslashes escape in patterns of Postgres. */
const like: Rule = (args, name) => {
  const pattern = args[1]?.constant;
  return args[0]?.type === 'text' && pattern !== undefined && !pattern.includes('\\') ? 'boolean' : differs(`\`${name}\` with this pattern`);
};

const PARTS = new Set(['year', 'quarter', 'month', 'day', 'hour', 'minute', 'dow']);
const part: Rule = (args) => {
  const of = args[1]?.type;
  return PARTS.has(args[0]?.constant ?? '') && (of === 'date' || of === 'timestamp') ? 'hugeint' : differs('a part of a time');
};

/** Text from a place on: what begins before the text is cut otherwise. */
const substring: Rule = (args, name) => {
  const [text, from, count] = args;
  return text?.type === 'text' && number(from) >= 1 && (count === undefined || number(count) >= 0) ? 'text' : differs(`\`${name}\` with these places`);
};

const text = takes('text', 'text');
const rounded = oneOf(takes('decimal', 'decimal'), (args, name) => (args[0]?.type === 'decimal' && number(args[1]) >= 0 ? 'decimal' : differs(`\`${name}\``)));

/** Functions and operators that both engines have and that give the same for the same. */
export const functions: Readonly<Record<string, Rule>> = {
  '+': plus,
  '-': plus,
  '*': arithmetic,
  '/': divided,
  '%': divided,
  '||': (args, name) => (args.some((a) => a.type === 'text') ? joined(args, name) : differs('`||` of no text')),
  '~~': like,
  '!~~': like,
  concat: joined,
  // Postgres gives the type in which the two are compared.
  nullif: (args, name) => (common(args, '`nullif`') === first(args, name) ? first(args, name) : differs('`nullif` of several types')),
  greatest: most,
  least: most,
  abs: keeps('integer', 'decimal', 'double'),
  floor: keeps('decimal', 'double'),
  ceil: keeps('decimal', 'double'),
  ceiling: keeps('decimal', 'double'),
  round: rounded,
  lower: text,
  upper: text,
  trim: text,
  ltrim: text,
  rtrim: text,
  reverse: text,
  md5: text,
  length: takes('integer', 'text'),
  char_length: takes('integer', 'text'),
  replace: takes('text', 'text', 'text', 'text'),
  left: takes('text', 'text', 'integer'),
  right: takes('text', 'text', 'integer'),
  strpos: takes('integer', 'text', 'text'),
  starts_with: takes('boolean', 'text', 'text'),
  substring,
  substr: substring,
  date_part: part,
};

/** Aggregates, with and without `over`. */
export const aggregates: Readonly<Record<string, Rule>> = {
  count_star: () => 'integer',
  count: () => 'integer',
  sum: oneOf(takes('hugeint', 'integer'), takes('decimal', 'decimal')),
  min: most,
  max: most,
  bool_and: takes('boolean', 'boolean'),
  bool_or: takes('boolean', 'boolean'),
};

/** Functions that only windows have, all over rows in an order. */
export const windows: Readonly<Record<string, Rule>> = {
  row_number: () => 'integer',
  rank: () => 'integer',
  dense_rank: () => 'integer',
  lag: first,
  lead: first,
  first_value: first,
  last_value: first,
};
