import { type TokenKind, tokens } from '../../../sql/index.ts';
import { differs } from './ast.ts';
import { aggregates, functions, windows } from './functions.ts';
import { isShared } from './types.ts';

// Reserved in Postgres and not in DuckDB, or with another meaning there.
const RESERVED = new Set(
  [
    'analyse analyze array asymmetric authorization binary collate collation concurrently current_catalog current_date current_role current_schema current_time',
    'current_timestamp current_user fetch for freeze grant ilike initially isnull localtime localtimestamp notnull only overlaps placing references session_user',
    'similar some symmetric tablesample user variadic verbose xmltable char bpchar nchar national',
  ]
    .join(' ')
    .split(' '),
);
/** Types that are cut to a size, or have another one where none is given. */
const SIZED = new Set(['varchar', 'varying']);
const UNSIZED = new Set(['numeric', 'decimal', 'dec']);
const SYMBOLS = new Set([...'(),.;*+-/%=<>!|:']);
/** Longest name in Postgres. */
const LONGEST = 63;

interface Word {
  readonly kind: TokenKind;
  readonly text: string;
  readonly next: boolean;
}

/** Throws {@link NotInMemory} where a text holds what the tree of the query does not tell and Postgres reads otherwise. */
export function checkWords(sql: string): void {
  // Cases and order of other letters depend on the locale of the server.
  if (/[^\n\r\t\x20-\x7e]/.test(sql)) differs('letters beyond ASCII');
  const words: Word[] = [];
  let touching = false;
  for (const { kind, start, end } of tokens(sql)) {
    const blank = kind === 'space' || kind === 'comment';
    if (!blank) words.push({ kind, text: kind === 'word' ? sql.slice(start, end).toLowerCase() : sql.slice(start, end), next: touching });
    touching = !blank;
  }
  checkFroms(words);
  checkTypes(words);
  for (const [i, word] of words.entries()) {
    checkWord(word, words[i - 1], words[i + 1]);
    if (word.kind === 'word' && words[i + 1]?.text === '(') checkCall(words, i);
  }
}

/** Words that may stand before a parenthesis without being the name of a function. */
const BEFORE = new Set(
  [
    'all and any as between by case cast distinct else except exists extract filter from having in intersect join limit materialized not offset on or over',
    'select then union using when where with like is interval date timestamp numeric decimal dec varchar varying coalesce position',
  ]
    .join(' ')
    .split(' '),
);

/** DuckDB has functions of its own that its parser makes something else of, and takes `count()`. */
function checkCall(words: readonly Word[], at: number): void {
  const name = (words[at] as Word).text;
  if (SIZED.has(name) && !isNullCast(words, at)) differs('the size of a text');
  if (name === 'count' && words[at + 2]?.text === ')') differs('`count()`');
  if (BEFORE.has(name) || words[at - 1]?.text === 'as' || words[at - 1]?.text === 'with') return;
  if (![functions, aggregates, windows].some((known) => Object.hasOwn(known, name))) differs(`the function \`${name}\``);
}

/** DuckDB has types, and names of types, of its own. */
function checkTypes(words: readonly Word[]): void {
  // For each open parenthesis, whether it is that of a cast.
  const open = [false];
  for (const [i, { text, next }] of words.entries()) {
    if (text === '(') open.push(words[i - 1]?.text === 'cast');
    else if (text === ')') open.pop();
    else if ((text === 'as' && open.at(-1) === true) || (text === ':' && next && words[i - 1]?.text === ':')) checkType(words[i + 1], words[i + 2]);
    else if (words[i + 1]?.kind === 'string' && TYPES.has(text) && !LITERALS.has(text)) differs(`the type \`${text}\``);
  }
}

/** Names of types before a text: `date '2026-01-31'`. */
const LITERALS = new Set(['date', 'timestamp', 'interval']);
/** Other names of types that DuckDB has. */
const TYPES = new Set('datetime string bytea blob long short signed int1 tinyint hugeint double float real time timetz timestamptz uuid json'.split(' '));

function checkType(first: Word | undefined, second: Word | undefined): void {
  const name = first?.text ?? '';
  const whole = name === 'character' || name === 'double' ? `${name} ${second?.text ?? ''}` : name;
  if (first?.kind !== 'word' || !(isShared(whole) || name === 'interval' || UNSIZED.has(name))) differs(`the type \`${whole}\``);
  if (name === 'timestamp' && (second?.text === '(' || second?.text === 'with')) differs('`timestamp` of this kind');
}

/** Functions whose arguments are not parted by commas. */
const WORDY = new Set(['extract', 'substring', 'trim', 'overlay']);

/** DuckDB takes a `from` without a `select` for `select *`. */
function checkFroms(words: readonly Word[]): void {
  // For each open parenthesis, whether a `from` may stand there.
  const open = [false];
  for (const [i, { text }] of words.entries()) {
    const last = open.length - 1;
    if (text === '(') open.push(WORDY.has(words[i - 1]?.text ?? ''));
    else if (text === ')') open.pop();
    else if (text === 'select') open[last] = true;
    else if (text === 'union' || text === 'except' || text === 'intersect') open[last] = false;
    else if (text === 'from' && words[i - 1]?.text !== 'distinct' && !open[last]) differs('a query that begins with `from`');
  }
}

/** Whether a type at `at` is that of `cast(null as character varying(20))`: fixtures say so. */
function isNullCast(words: readonly Word[], at: number): boolean {
  const as = words[at - 1]?.text === 'character' ? at - 2 : at - 1;
  return words[as]?.text === 'as' && words[as - 1]?.text === 'null';
}

function checkWord({ kind, text, next }: Word, before: Word | undefined, after: Word | undefined): void {
  const opens = after?.text === '(';
  switch (kind) {
    case 'word':
      if (RESERVED.has(text)) differs(`\`${text}\``);
      if (text.length > LONGEST) differs('a name of this length');
      if (UNSIZED.has(text) && !opens && before?.text !== '.') differs(`\`${text}\` without a precision`);
      return;
    case 'quoted':
      if (!/^"[a-z0-9_ ]+"$/.test(text) || text.length > LONGEST + 2) differs(`the name ${text}`);
      return;
    case 'string':
      if (!text.startsWith("'") || before?.kind === 'string') differs('this way to write a text');
      return;
    case 'number':
      if (!/^\d+(\.\d+)?$/.test(text) || (after?.next !== false && after?.kind === 'word')) differs(`the number ${text}`);
      return;
    case 'symbol':
      if (!SYMBOLS.has(text)) differs(`\`${text}\``);
      if (next && before && !isOperator(before.text + text)) differs(`\`${before.text}${text}\``);
      if (text === ',' && (after === undefined || after.text === ')' || after.text === 'from')) differs('a comma before nothing');
      if (text === ':' && !(before?.text === ':' && next) && !(after?.text === ':' && after.next)) differs('`:`');
      return;
  }
}

const OPERATORS = new Set(['<=', '>=', '<>', '!=', '||', '::', '--']);

/** Whether a symbol may stand right behind what is before it. */
function isOperator(pair: string): boolean {
  const [a = '', b = ''] = pair.length === 2 ? [...pair] : [];
  const joins = (c: string): boolean => '*+-/%=<>!|:'.includes(c) && c !== '';
  return !(joins(a) && joins(b)) || OPERATORS.has(pair);
}
