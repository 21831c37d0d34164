import type { Body, Expr, For, Stmt, Target } from './ast.ts';
import { type AnyNode, eachChild } from './walk.ts';

/** A function of the compiled template: the template itself, a macro, a `{% call %}` body, a recursive loop. Its variables live in one array. */
export interface Level {
  readonly parent: Level | undefined;
  slots: number;
}

/** A variable: where it lives, and what reading it before its first assignment means (ask the globals, or undefined). */
export interface Variable {
  readonly name: string;
  readonly level: Level;
  readonly slot: number;
  readonly unset: 'global' | 'undefined';
  /** The outer variable of the same name, whose value it starts with. */
  readonly outer: Variable | undefined;
  /** Whether it is always assigned before it is read, so that entering its scope need not set it up. */
  readonly given: boolean;
}

/**
 * A scope as Jinja draws it. A name that a scope assigns anywhere is the scope's own throughout; it starts with the value of the outer scope's
 * variable of that name. A conditional first assignment starts with the global. `if` opens no scope.
 */
export class Scope {
  readonly parent: Scope | undefined;
  readonly level: Level;
  private readonly own = new Map<string, Variable>();
  private readonly loaded = new Set<string>();
  private readonly unread: Expr[] = [];

  constructor(parent: Scope | undefined, level: Level) {
    this.parent = parent;
    this.level = level;
  }

  find(name: string): Variable | undefined {
    return this.own.get(name) ?? this.parent?.find(name);
  }

  /** The variables that entering the scope must set up: all but the parameters. */
  get starts(): readonly Variable[] {
    return [...this.own.values()].filter((v) => !v.given);
  }

  /** Declares a variable that is always assigned before it is read. */
  parameter(name: string): Variable {
    return this.define(name, 'undefined', undefined, true);
  }

  private define(name: string, unset: Variable['unset'], outer: Variable | undefined, given: boolean): Variable {
    const variable: Variable = { name, level: this.level, slot: this.level.slots++, unset, outer, given };
    this.own.set(name, variable);
    return variable;
  }

  private load(name: string): void {
    if (this.find(name) === undefined) this.loaded.add(name);
  }

  private loads(name: string): boolean {
    this.readAll();
    return this.loaded.has(name) || this.parent?.loads(name) === true;
  }

  store(name: string, conditional: boolean): void {
    if (this.own.has(name)) return;
    this.readAll();
    const outer = this.parent?.find(name);
    this.define(name, outer?.unset ?? (conditional || this.loads(name) ? 'global' : 'undefined'), outer, false);
  }

  /** Records what a run of statements reads and assigns in this scope. */
  statements(body: Body, conditional = false): void {
    for (const stmt of body) this.statement(stmt, conditional);
  }

  private statement(stmt: Stmt, conditional: boolean): void {
    switch (stmt.kind) {
      case 'print':
      case 'do':
        this.expression(stmt.value);
        return;
      case 'set':
        this.expression(stmt.value);
        this.target(stmt.target, conditional);
        return;
      case 'set-block':
        this.target(stmt.target, conditional);
        return;
      case 'if':
        // The first test always runs; what follows depends on it.
        for (const branch of stmt.branches) {
          this.expression(branch.test);
          this.statements(branch.body, true);
        }
        this.statements(stmt.otherwise ?? [], true);
        return;
      case 'for':
        this.expression(stmt.iter);
        return;
      case 'macro':
        this.store(stmt.variable, conditional);
        return;
      case 'call-block':
        this.expression(stmt.call);
        return;
      case 'filter-block':
        this.expression(stmt.filter);
        return;
      case 'with':
        for (const b of stmt.bindings) this.expression(b.value);
        return;
      default:
        return;
    }
  }

  expression(node: Expr | undefined): void {
    if (node !== undefined) this.unread.push(node);
  }

  /** Goes through the expressions met since the last assignment. Most scopes assign little, and what stands behind their last assignment is never asked for. */
  private readAll(): void {
    for (const node of this.unread) this.reads(node);
    this.unread.length = 0;
  }

  private readonly reads = (node: AnyNode): void => {
    if (node.kind === 'name') this.load(node.name);
    else eachChild(node, this.reads);
  };

  private target(target: Target, conditional: boolean): void {
    if (target.kind === 'name-target') this.store(target.name, conditional);
    else if (target.kind === 'attr-target') {
      this.readAll();
      this.load(target.object);
    } else for (const item of target.items) this.target(item, conditional);
  }

  /** Declares what a loop or `with` target assigns. */
  targetParameters(target: Target): void {
    if (target.kind === 'name-target') this.parameter(target.name);
    else if (target.kind === 'tuple-target') for (const item of target.items) this.targetParameters(item);
  }
}

/** The scopes of a `for`: the body's, the filter's (the target alone), the `else` part's. */
export interface LoopScopes {
  readonly body: Scope;
  readonly test: Scope;
  readonly otherwise: Scope;
  /** The `loop` variable, when the body (or recursion) needs it. */
  readonly loop: Variable | undefined;
}

export function loopScopes(node: For, around: Scope, level: Level, usesLoop: boolean): LoopScopes {
  const body = new Scope(around, level);
  const loop = usesLoop ? body.parameter('loop') : undefined;
  body.targetParameters(node.target);
  body.statements(node.body);
  const test = new Scope(around, level);
  test.targetParameters(node.target);
  const otherwise = new Scope(around, level);
  otherwise.statements(node.otherwise ?? []);
  return { body, test, otherwise, loop };
}
