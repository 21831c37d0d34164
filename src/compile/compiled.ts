import { locate, type OutputMap } from '../jinja/index.ts';
import type { Node, UnitTestNode } from '../resolve/index.ts';
import { type Injected, tokens, trimSemicolon } from '../sql/index.ts';
import type { Span } from '../text/index.ts';

/** A node whose template has been rendered. */
export interface CompiledNode {
  readonly node: Node | UnitTestNode;
  /** What is run: the node's text with the CTEs of ephemeral models in front. */
  readonly sql: string;
  /** The node's own text. */
  readonly body: string;
  readonly ctes: readonly CompiledCte[];
  readonly injected: Injected;
  /** Which part of the template printed which part of the body. May render again: asked for only when something is to be located. */
  readonly map: () => OutputMap | undefined;
}

/** A common table expression that stands for an ephemeral model or for a fixture. */
export interface CompiledCte {
  readonly id: string;
  /** The CTE's name. */
  readonly name: string;
  readonly sql: string;
  /** The ephemeral model it comes from. */
  readonly from: CompiledNode | undefined;
}

/** The place of a template that printed the text at fault, and the macro it went through. */
export interface Place {
  readonly at: Span;
  readonly macro: string | undefined;
  /** Where the node's own template called it. */
  readonly via: Span | undefined;
  /** The node whose template it is: an ephemeral model's text stands in others. */
  readonly node: Node | UnitTestNode;
}

/** Where an offset of the compiled SQL comes from; undefined where the template is not known. */
export function locateSql(compiled: CompiledNode, offset: number): Place | undefined {
  const { at, shift } = compiled.injected;
  if (offset >= at && offset < at + shift) return locateCte(compiled, offset);
  const map = compiled.map();
  const found = map && locate(map, offset < at ? offset : offset - shift);
  return found && { ...found, node: compiled.node };
}

function locateCte(compiled: CompiledNode, offset: number): Place | undefined {
  const { at, sql } = compiled.injected;
  let from = sql[at] === ' ' ? at : at + 'with'.length;
  for (const cte of compiled.ctes) {
    from += ` ${cte.name} as (\n`.length;
    if (offset >= from && offset < from + cte.sql.length) {
      const map = cte.from?.map();
      const found = map && locate(map, offset - from);
      return found && cte.from && { ...found, node: cte.from.node };
    }
    from += cte.sql.length + '\n), '.length;
  }
  return undefined;
}

/** Where an offset of a statement comes from that has the compiled SQL somewhere inside. */
export function locateStatement(compiled: CompiledNode, statement: string, offset: number): Place | undefined {
  if (compiled.sql === '') return undefined;
  const text = trimSemicolon(compiled.sql).trimEnd();
  const lead = text.length - text.trimStart().length;
  const trimmed = text.slice(lead);
  const start = statement.indexOf(trimmed);
  if (trimmed === '' || start === -1 || offset < start || offset > start + trimmed.length) return undefined;
  const place = locateSql(compiled, Math.min(offset - start, trimmed.length - 1) + lead);
  return place && { ...place, at: narrowed(place.at, statement, offset) };
}

/** The place of the one word at fault, where the template has that very word there. */
function narrowed(at: Span, statement: string, offset: number): Span {
  const [token] = tokens(statement, offset);
  if (!token) return at;
  const { start, end } = token;
  const length = end - start;
  return at.file.text.startsWith(statement.slice(start, end), at.start) && at.start + length < at.end ? { ...at, end: at.start + length } : at;
}
