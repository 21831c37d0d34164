import type { SourceFile } from '../text/index.ts';
import type { Body, Node, Parameter } from './ast.ts';
import type { MacroCode, PlainBody, ProgramBody } from './macro.ts';
import type { Activation } from './runtime.ts';
import type { Level, LoopScopes, Scope } from './scope.ts';
import type { Value } from './value.ts';

/** An expression compiled to its plain form. */
export type Plain = (a: Activation) => Value;

/** The scopes of one statement, made once and shared by the plain and the program form. */
export interface StatementScopes {
  readonly level: Level;
  readonly scope: Scope;
  readonly loop?: LoopScopes;
}

/** What a macro and the body of a `{% call %}` have in common. */
export interface FunctionNode extends Node {
  readonly params: readonly Parameter[];
  readonly body: Body;
}

/** The parameters of a function with their variables. */
export type Params = MacroCode['params'];

/** What is compiled together: one template or one bound macro. */
export interface Unit {
  readonly file: SourceFile;
  readonly scopes: Map<Node, StatementScopes>;
  readonly macros: Map<Node, MacroCode>;
  plainBody(body: Body, cx: Context): PlainBody;
  /** The body of a macro in program form: defaults, then statements. */
  programFunction(node: FunctionNode, params: Params, cx: Context): ProgramBody;
}

/** Where in the scopes a node is compiled. */
export interface Context {
  readonly unit: Unit;
  readonly scope: Scope;
  readonly level: Level;
  readonly escape: boolean;
  /** The macro whose body this is, for the output map. */
  readonly macro: string | undefined;
}
