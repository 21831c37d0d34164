import { type Dict, Environment, jsonLoads, Native, NeedsEffect, PyError, repr, type Value } from '../../../src/jinja/index.ts';
import { DiagnosticError, sourceFile } from '../../../src/text/index.ts';

/** What a template gives: its output, or an error as Python names it. */
export type Outcome = { readonly out: string } | { readonly error: string; readonly message: string };

type Lookup = (name: string) => Value | undefined;

const environment = new Environment();
const syntax = /^jinja-(syntax|unclosed-.*|unexpected-end|unknown-tag|unknown-filter|unknown-test)$/;

/** Shows its arguments as Python would write them. */
const show = new Native('show', (args) => [...args.positional.map((a) => repr(a)), ...[...args.named].map(([k, v]) => `${k}=${repr(v)}`)].join(', '));

/** The context of a statement case, built anew for each, because templates change it. */
export function statementContext(json: string): Lookup {
  const data = jsonLoads(json) as Dict;
  return (name) => (name === 'show' ? show : data.get(name));
}

/** Renders in the plain and in the program form, and reports where they disagree. */
export function outcome(template: string, globals: () => Lookup): Outcome {
  const plain = attempt(() => environment.parse(sourceFile('t.sql', template)).render(globals()));
  const program = attempt(() => drain(environment.parse(sourceFile('t.sql', template)).program(globals())));
  if (JSON.stringify(plain) !== JSON.stringify(program)) return { error: 'FormsDiffer', message: `${JSON.stringify(plain)} and ${JSON.stringify(program)}` };
  return plain;
}

/** Runs a program that asks for nothing. */
export function drain<T>(run: Generator<unknown, T, unknown>): T {
  const step = run.next();
  if (step.done !== true) throw new NeedsEffect('a template that has no effects');
  return step.value;
}

function attempt(run: () => string): Outcome {
  try {
    return { out: run().replace(/0x[0-9a-f]{6,}/g, '0x0') };
  } catch (e) {
    if (!(e instanceof DiagnosticError)) throw e;
    if (e.cause instanceof PyError) return { error: e.cause.kind, message: e.cause.message };
    const { code, message } = e.diagnostic;
    return { error: syntax.test(code) ? 'TemplateSyntaxError' : code, message };
  }
}
