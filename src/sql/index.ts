export { ansi, insertFrom } from './ansi.ts';
export type { Capabilities, Dialect, MergeOptions, SnapshotMerge, Upsert } from './dialect.ts';
export { type DuckdbPlace, type DuckdbSetup, databaseOf, duckdb, duckdbSetup, isMotherduck } from './duckdb.ts';
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
  type InspectedLoad,
  inspectedLoad,
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
  rollback,
  schemas,
} from './effects.ts';
export { type Token, type TokenKind, tokens } from './lexer.ts';
export { type Attachment, type DuckdbOutput, duckdbOutput, type Plugin, type PostgresOutput, postgresOutput, type Secret, sslModes } from './outputs.ts';
export { postgres } from './postgres.ts';
export { type Parts, type Relation, type RelationType, relation, renamed } from './relation.ts';
export { isReserved } from './reserved.ts';
export { type Cte, type Injected, injectCtes, type Statement, splitStatements, trimSemicolon } from './statements.ts';
export type { Target } from './target.ts';
export { type With, withOf } from './with.ts';
