import type { Value } from './value.ts';

/** A half-open range of UTF-16 offsets into the template's text. */
export interface Node {
  readonly start: number;
  readonly end: number;
}

/** What every expression carries: `calls` says whether a call stands anywhere inside it, so whether evaluating it may ask for an effect. */
interface Expression extends Node {
  readonly calls: boolean;
}

export interface Const extends Expression {
  readonly kind: 'const';
  readonly value: Value;
}
export interface Name extends Expression {
  readonly kind: 'name';
  readonly name: string;
}
export interface Attr extends Expression {
  readonly kind: 'attr';
  readonly target: Expr;
  readonly name: string;
}
export interface Item extends Expression {
  readonly kind: 'item';
  readonly target: Expr;
  readonly key: Expr | Slice;
}
export interface Slice extends Expression {
  readonly kind: 'slice';
  readonly from: Expr | undefined;
  readonly to: Expr | undefined;
  readonly step: Expr | undefined;
}
export interface Arguments {
  readonly positional: readonly Expr[];
  readonly named: readonly { readonly name: string; readonly value: Expr }[];
  /** `*args` */
  readonly star: Expr | undefined;
  /** `**kwargs` */
  readonly doubleStar: Expr | undefined;
}
export interface Call extends Expression {
  readonly kind: 'call';
  readonly callee: Expr;
  readonly args: Arguments;
}
export interface Filter extends Expression {
  readonly kind: 'filter';
  /** Undefined where the filter stands in `{% filter %}` or a block `{% set %}` and takes the block's text. */
  readonly target: Expr | undefined;
  readonly name: string;
  readonly args: Arguments;
}
export interface Test extends Expression {
  readonly kind: 'test';
  readonly target: Expr;
  readonly name: string;
  readonly args: Arguments;
  readonly negated: boolean;
}
export interface Unary extends Expression {
  readonly kind: 'unary';
  readonly op: '-' | '+' | 'not';
  readonly operand: Expr;
}
export interface Binary extends Expression {
  readonly kind: 'binary';
  readonly op: '+' | '-' | '*' | '/' | '//' | '%' | '**';
  readonly left: Expr;
  readonly right: Expr;
}
export interface Concat extends Expression {
  readonly kind: 'concat';
  readonly parts: readonly Expr[];
}
export type CompareOp = '==' | '!=' | '<' | '<=' | '>' | '>=' | 'in' | 'not in';
/** `first op right op right ...`, as Python chains it: each operand is evaluated once. */
export interface Compare extends Expression {
  readonly kind: 'compare';
  readonly first: Expr;
  readonly rest: readonly { readonly op: CompareOp; readonly right: Expr }[];
}
export interface Logic extends Expression {
  readonly kind: 'logic';
  readonly op: 'and' | 'or';
  readonly left: Expr;
  readonly right: Expr;
}
export interface Conditional extends Expression {
  readonly kind: 'conditional';
  readonly test: Expr;
  readonly whenTrue: Expr;
  readonly otherwise: Expr | undefined;
}
export interface ListLiteral extends Expression {
  readonly kind: 'list';
  readonly items: readonly Expr[];
}
export interface TupleLiteral extends Expression {
  readonly kind: 'tuple';
  readonly items: readonly Expr[];
}
export interface DictLiteral extends Expression {
  readonly kind: 'dict';
  readonly pairs: readonly { readonly key: Expr; readonly value: Expr }[];
}

export type Expr =
  | Const
  | Name
  | Attr
  | Item
  | Call
  | Filter
  | Test
  | Unary
  | Binary
  | Concat
  | Compare
  | Logic
  | Conditional
  | ListLiteral
  | TupleLiteral
  | DictLiteral;

/** What may stand left of `=` or between `for` and `in`. */
export type Target = NameTarget | AttrTarget | TupleTarget;
export interface NameTarget extends Node {
  readonly kind: 'name-target';
  readonly name: string;
}
/** `ns.name`, an attribute of a `namespace()`. */
export interface AttrTarget extends Node {
  readonly kind: 'attr-target';
  readonly object: string;
  readonly name: string;
}
export interface TupleTarget extends Node {
  readonly kind: 'tuple-target';
  readonly items: readonly Target[];
}

/** One parameter of a macro; `type` is the annotation's text, which dml records and does not check. */
export interface Parameter extends Node {
  readonly name: string;
  readonly type: string | undefined;
  readonly fallback: Expr | undefined;
}

export interface Text extends Node {
  readonly kind: 'text';
  readonly text: string;
}
export interface Print extends Node {
  readonly kind: 'print';
  readonly value: Expr;
}
export interface Do extends Node {
  readonly kind: 'do';
  readonly value: Expr;
}
export interface SetStmt extends Node {
  readonly kind: 'set';
  readonly target: Target;
  readonly value: Expr;
}
export interface SetBlock extends Node {
  readonly kind: 'set-block';
  readonly target: Target;
  readonly filter: Filter | undefined;
  readonly body: Body;
}
export interface If extends Node {
  readonly kind: 'if';
  readonly branches: readonly { readonly test: Expr; readonly body: Body }[];
  readonly otherwise: Body | undefined;
}
export interface For extends Node {
  readonly kind: 'for';
  readonly target: Target;
  readonly iter: Expr;
  readonly test: Expr | undefined;
  readonly recursive: boolean;
  readonly body: Body;
  readonly otherwise: Body | undefined;
}
/** A macro, or a tag of the host that defines one (`{% test %}`, `{% materialization %}`): `tag` is the word it was written with. */
export interface MacroStmt extends Node {
  readonly kind: 'macro';
  readonly tag: string;
  readonly name: string;
  /** The variable that running the statement sets. */
  readonly variable: string;
  readonly nameAt: Node;
  readonly params: readonly Parameter[];
  readonly body: Body;
  /** From the end of the opening tag to the start of the end tag. */
  readonly bodyAt: Node;
  /** `key=value` words of the header (undefined for a bare word), where the tag has such. */
  readonly options: ReadonlyMap<string, Expr | undefined>;
}
export interface CallBlock extends Node {
  readonly kind: 'call-block';
  readonly params: readonly Parameter[];
  readonly call: Call;
  readonly body: Body;
}
export interface FilterBlock extends Node {
  readonly kind: 'filter-block';
  readonly filter: Filter;
  readonly body: Body;
}
export interface With extends Node {
  readonly kind: 'with';
  readonly bindings: readonly { readonly target: Target; readonly value: Expr }[];
  readonly body: Body;
}
/** `{% autoescape on %}`, or `{% block %}` with `on` undefined: a scope of its own. */
export interface Scoped extends Node {
  readonly kind: 'scoped';
  readonly autoescape: boolean | undefined;
  readonly body: Body;
}
export interface Jump extends Node {
  readonly kind: 'break' | 'continue';
}
/** A tag that needs a template loader, which a project of single files does not have: evaluating it is an error. */
export interface Load extends Node {
  readonly kind: 'load';
  readonly tag: string;
}

export type Stmt = Text | Print | Do | SetStmt | SetBlock | If | For | MacroStmt | CallBlock | FilterBlock | With | Scoped | Jump | Load;
export type Body = readonly Stmt[];

/** Throws: for the end of a `switch` over a closed union. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
}
