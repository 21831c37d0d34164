import { Captured, type MacroDef, type MacroRegistry, type MacroScope, recordConfig, refCall, sourceCall } from '../context/index.ts';
import type { Template } from '../jinja/index.ts';
import { type LiteralCall, literalCalls, silentCalls } from '../parse/index.ts';
import { DiagnosticError } from '../text/index.ts';

/** Members that a template may call with literal arguments so that its text tells what rendering would record. */
const RECORDED: ReadonlySet<string> = new Set(['ref', 'source', 'config']);

/**
 * Tells what rendering a template would record without rendering it: most models only call `ref`, `source` and `config` with literals, and macros that make
 * text. Anything it is not sure of it leaves to the renderer.
 */
export class StaticReader {
  private readonly registry: MacroRegistry;
  private readonly silent = new Map<MacroDef, boolean>();

  constructor(registry: MacroRegistry) {
    this.registry = registry;
  }

  read(template: Template, packageName: string): Captured | undefined {
    const calls = literalCalls(template);
    if (!calls) return undefined;
    const scope = this.registry.scope(packageName);
    const captured = new Captured();
    try {
      return calls.every((call) => this.record(call, scope, captured)) ? captured : undefined;
    } catch (e) {
      // The renderer reports the mistake, with all it knows of the place.
      if (e instanceof DiagnosticError) return undefined;
      throw e;
    }
  }

  private record(call: LiteralCall, scope: MacroScope, captured: Captured): boolean {
    const macro = macroOf(call.path, scope);
    if (macro) {
      if (!accepts(macro, call) || !this.isSilent(macro, scope)) return false;
      captured.macros.add(macro.unique_id);
      return true;
    }
    if (!RECORDED.has(call.path)) return false;
    if (call.path === 'ref') captured.refs.push(refCall(call, call));
    else if (call.path === 'source') captured.sources.push(sourceCall(call, call));
    else recordConfig(captured, call, call);
    return true;
  }

  /** A macro that only makes text, whatever it calls in turn. */
  private isSilent(def: MacroDef, scope: MacroScope): boolean {
    const known = this.silent.get(def);
    if (known !== undefined) return known;
    // `is_incremental` looks at the database only when something runs.
    if (def.unique_id === 'macro.dbt.is_incremental') return true;
    this.silent.set(def, false);
    const called = silentCalls(def.unit().statement);
    const silent = called?.every((path) => {
      const inner = macroOf(path, scope);
      return inner !== undefined && this.isSilent(inner, scope);
    });
    this.silent.set(def, silent ?? false);
    return silent ?? false;
  }
}

function macroOf(path: string, scope: MacroScope): MacroDef | undefined {
  const dot = path.indexOf('.');
  return dot < 0 ? scope.from(null, path) : scope.from(path.slice(0, dot), path.slice(dot + 1));
}

/** Whether the arguments fit, so that calling the macro would not fail. */
function accepts(def: MacroDef, { positional, named }: LiteralCall): boolean {
  const params = def.unit().statement.params;
  return positional.length <= params.length && [...named.keys()].every((name) => params.findIndex((p) => p.name === name) >= positional.length);
}
