export { ansi, insertFrom } from './ansi.ts';
export type { Capabilities, Dialect, MergeOptions, SnapshotMerge, Upsert } from './dialect.ts';
export { duckdb } from './duckdb.ts';
export {
  begin,
  type CatalogChange,
  type Cell,
  type CellType,
  type Column,
  type CsvColumn,
  type CsvQuestion,
  type CsvRecord,
  type CsvShape,
  columns,
  commit,
  csv,
  type Effect,
  execute,
  type Load,
  load,
  lookup,
  note,
  type Program,
  type QueryResult,
  query,
  type Response,
  type ResultColumn,
  type ResultTable,
  relations,
  schemas,
} from './effects.ts';
export { type Token, type TokenKind, tokens } from './lexer.ts';
export { postgres } from './postgres.ts';
export { type Parts, type Relation, type RelationType, relation, renamed } from './relation.ts';
export { type Cte, type Injected, injectCtes, type Statement, splitStatements, trimSemicolon } from './statements.ts';
export type { Target } from './target.ts';
