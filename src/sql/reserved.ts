// Words that Postgres and DuckDB take for something else where a column's name could stand. `user` is the worst: an expression that is never null.
const RESERVED = new Set(
  (
    'all analyse analyze and any array as asc asymmetric both case cast check collate column constraint create current_catalog current_date current_role current_time ' +
    'current_timestamp current_user default deferrable desc distinct do else end except false fetch for foreign from grant group having in initially intersect into ' +
    'lateral leading limit localtime localtimestamp not null offset on only or order placing primary references returning select session_user some symmetric ' +
    'system_user table then to trailing true union unique user using variadic when where window with'
  ).split(' '),
);

/** Whether an unquoted word cannot be the name of a column. */
export function isReserved(word: string): boolean {
  return RESERVED.has(word.toLowerCase());
}
