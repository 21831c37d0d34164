import type { SourceFile } from '../text/index.ts';
import { analyze, type Facts, macrosOf } from './analyze.ts';
import type { Body, MacroStmt, Node } from './ast.ts';
import { macroCode } from './functions.ts';
import { Macro, type MacroCode, type PlainBody, type ProgramBody } from './macro.ts';
import type { OutputMap } from './map.ts';
import type { Parsed } from './parser.ts';
import { str } from './python/index.ts';
import { Activation, blank, type Globals, guarded, type Library, located, type Options, RETURN, ReturnSignal, World } from './runtime.ts';
import { type Level, Scope } from './scope.ts';
import { plainBody } from './statements.ts';
import { programBody, programFunction } from './suspend.ts';
import type { Context, StatementScopes, Unit } from './unit.ts';
import type { Program, Value } from './value.ts';

/** Options of a rendering. */
export interface RenderOptions extends Options {
  /** Filled with the places that printed the output. */
  readonly map?: OutputMap | undefined;
}

/** A compiled template: immutable, and free to be rendered many times over. */
export class Template implements Parsed {
  readonly file: SourceFile;
  readonly body: Body;
  private readonly library: Library;
  private readonly level: Level = { parent: undefined, slots: 0 };
  private context: Context | undefined;
  private plainForm: PlainBody | undefined;
  private programForm: ProgramBody | undefined;
  private known: Facts | undefined;
  private defs: readonly MacroDef[] | undefined;

  constructor(parsed: Parsed, library: Library) {
    this.file = parsed.file;
    this.body = parsed.body;
    this.library = library;
  }

  /** Static facts, collected when first asked for. */
  get facts(): Facts {
    this.known ??= analyze(this);
    return this.known;
  }

  /** The macros defined at the top level, for {@link bindMacro}. */
  get macros(): readonly MacroDef[] {
    this.defs ??= macrosOf(this.body).map((statement) => new MacroDef(statement, this.file, this.library));
    return this.defs;
  }

  /** The output as text. Throws DiagnosticError for a user's mistake, NeedsEffect where a call needs the program form, ReturnSignal for a stray `return()`. */
  render(globals: Globals, options: RenderOptions = {}): string {
    const body = this.plain();
    const a = this.start(globals, options);
    try {
      finish(a, body(a));
    } catch (e) {
      throw located(e, a, this.file);
    }
    return a.out;
  }

  /** The output as text, asking for effects on the way. */
  *program(globals: Globals, options: RenderOptions = {}): Program<string> {
    this.programForm ??= guarded(this.file, () => programBody(this.body, this.root()));
    const a = this.start(globals, options);
    try {
      finish(a, yield* this.programForm(a));
    } catch (e) {
      throw located(e, a, this.file);
    }
    return a.out;
  }

  /** A template that prints one value gives that value, any other its text. Literals count as text, as they do in dbt. */
  renderNative(globals: Globals, options: RenderOptions = {}): Value {
    const body = this.plain();
    const a = this.start(globals, options);
    const pieces: Value[] = [];
    a.pieces = pieces;
    try {
      finish(a, body(a));
      const [first, second] = pieces;
      if (first === undefined) return '';
      return second === undefined ? first : pieces.map((p) => str(p)).join('');
    } catch (e) {
      throw located(e, a, this.file);
    }
  }

  private start(globals: Globals, options: RenderOptions): Activation {
    const world = new World(this.library, globals, options);
    const a = new Activation(blank(this.level.slots), undefined, world, undefined);
    if (options.map !== undefined) {
      world.run.mapping = true;
      a.map = options.map;
    }
    return a;
  }

  private root(): Context {
    this.context ??= rootContext(this.file, this.level, this.body);
    return this.context;
  }

  private plain(): PlainBody {
    // Top-level variables start unset, as those of a fresh activation do: the root scope needs no entry code.
    this.plainForm ??= guarded(this.file, () => plainBody(this.body, this.root()));
    return this.plainForm;
  }
}

/** A `return()` outside of any macro goes on to whoever rendered the template. */
function finish(a: Activation, completion: number): void {
  if (completion === RETURN) throw new ReturnSignal(a.returned);
}

function rootContext(file: SourceFile, level: Level, body: Body): Context {
  const scope = new Scope(undefined, level);
  scope.statements(body);
  const unit: Unit = { file, scopes: new Map<Node, StatementScopes>(), macros: new Map<Node, MacroCode>(), plainBody, programFunction };
  return { unit, scope, level, escape: false, macro: undefined };
}

/** A macro cut from its file: it sees the globals it is bound to and nothing of the file around it. Compiled when first called. */
export class MacroDef {
  readonly statement: MacroStmt;
  readonly file: SourceFile;
  readonly library: Library;
  private code: MacroCode | undefined;

  constructor(statement: MacroStmt, file: SourceFile, library: Library) {
    this.statement = statement;
    this.file = file;
    this.library = library;
  }

  get name(): string {
    return this.statement.name;
  }

  /** The compiled code, shared by all bindings. */
  compiled(): MacroCode {
    this.code ??= macroCode(this.statement, this.statement.name, rootContext(this.file, { parent: undefined, slots: 0 }, []));
    return this.code;
  }
}

/** A host-bound macro: a callable over the given globals, which a `return()` inside it ends. */
export function bindMacro(def: MacroDef, globals: Globals, options: Options = {}): Macro {
  return new Macro(def.compiled(), undefined, new World(def.library, globals, options), true);
}
