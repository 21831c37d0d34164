import { createHash } from 'node:crypto';
import { type Invocation, scrub, yamlToData } from '../context/index.ts';
import type { Json, Manifest, Node, SourceNode } from '../resolve/index.ts';
import type { Sink } from '../text/index.ts';
import { type Inputs, mapOf, type NodeInputs, parsedJson } from './artifacts.ts';
import { same, shown } from './equal.ts';

/** The variables and environment variables that a text names. */
interface Named {
  readonly vars: ReadonlySet<string>;
  readonly env: ReadonlySet<string>;
}

/**
 * The values that each node and source is made with: of the variables that its text, its settings, or a macro of the project that it calls (itself or through
 * others) name. Where a name is computed, all variables count; environment variables with computed names do not.
 */
export function inputsOf(manifest: Manifest, invocation: Pick<Invocation, 'vars' | 'env'>): Inputs {
  const out = new Map<string, NodeInputs>();
  const texts = new Texts(manifest);
  for (const node of [...manifest.nodes.values(), ...manifest.sources.values()]) {
    const { vars, env } = valuesOf(texts.of(node), node.package_name, invocation);
    if (Object.keys(vars).length + Object.keys(env).length > 0) out.set(node.unique_id, { vars, env });
  }
  return out;
}

/** `dml_inputs.json`: what {@link readInputs} reads. */
export function inputsJson(inputs: Inputs): string {
  return `${JSON.stringify({ version: 1, nodes: Object.fromEntries([...inputs].sort(([a], [b]) => (a < b ? -1 : 1))) }, null, 1)}\n`;
}

/** Reads dml_inputs.json; what cannot be read goes to the sink and the answer is undefined. `path`: for messages. */
export function readInputs(text: string, path: string, sink: Sink): Inputs | undefined {
  const json = parsedJson(text, path, sink);
  return json && new Map(Object.entries(mapOf(json['nodes'])).map(([id, node]) => [id, { vars: mapOf(mapOf(node)['vars']), env: mapOf(mapOf(node)['env']) }]));
}

/** How the inputs of a node differ, for people. The values of environment variables are not told. */
export function inputChanges(now: NodeInputs | undefined, before: NodeInputs | undefined): readonly string[] {
  const names = (kind: keyof NodeInputs): readonly string[] => [...new Set([...Object.keys(before?.[kind] ?? {}), ...Object.keys(now?.[kind] ?? {})])].sort();
  const differ = (kind: keyof NodeInputs) => names(kind).filter((name) => !same(now?.[kind][name], before?.[kind][name]));
  return [
    ...differ('vars').map((name) => `var ${name}: ${shown(before?.vars[name])} -> ${shown(now?.vars[name])}`),
    ...differ('env').map((name) => `env_var ${name}`),
  ];
}

/** The names in the texts of nodes and macros. */
class Texts {
  private readonly manifest: Manifest;
  private readonly packages: ReadonlySet<string>;
  private readonly macros = new Map<string, string>();

  constructor(manifest: Manifest) {
    this.manifest = manifest;
    this.packages = new Set(manifest.project.packages.map((p) => p.name));
  }

  of(node: Node | SourceNode): string {
    const settings = JSON.stringify('unrendered_config' in node ? node.unrendered_config : {});
    if (node.resource_type === 'source') return `${settings} ${node.unrendered_database ?? ''} ${node.unrendered_schema ?? ''}`;
    const metadata = 'test_metadata' in node && node.test_metadata ? JSON.stringify(node.test_metadata.kwargs) : '';
    return [settings, metadata, node.raw_code, ...this.called(node.depends_on.macros)].join('\n');
  }

  /** What in the texts of these macros, and of those they call, names a variable. */
  private called(ids: readonly string[]): readonly string[] {
    const seen = new Set(ids);
    const out: string[] = [];
    for (const id of seen) {
      const macro = this.manifest.macros.get(id);
      // Macros of dml itself are the same for everybody.
      if (!macro || !this.packages.has(macro.package_name)) continue;
      let text = this.macros.get(id);
      if (text === undefined) this.macros.set(id, (text = [...macro.macro_sql.matchAll(CALL)].map(([call]) => call).join('\n')));
      if (text !== '') out.push(text);
      for (const next of macro.depends_on.macros) seen.add(next);
    }
    return out;
  }
}

/** A call of `var`, `var.has_var` or `env_var`, with its name where that is written out. In JSON, quotes have a backslash. */
const CALL = /\b(env_var|var|has_var)\s*\(\s*(?:\\?(['"])([^'"\\]+)\\?\2)?/g;

function namesIn(text: string): Named & { readonly computed: boolean } {
  const vars = new Set<string>();
  const env = new Set<string>();
  let computed = false;
  for (const [, callee, , name] of text.matchAll(CALL)) {
    if (name !== undefined) (callee === 'env_var' ? env : vars).add(name);
    else if (callee !== 'env_var') computed = true;
  }
  return { vars, env, computed };
}

function valuesOf(
  text: string,
  packageName: string,
  { vars, env }: Pick<Invocation, 'vars' | 'env'>,
): { vars: Record<string, Json>; env: Record<string, Json> } {
  const out: { vars: Record<string, Json>; env: Record<string, Json> } = { vars: {}, env: {} };
  const named = namesIn(text);
  const wanted = new Set(named.computed ? [...named.vars, ...vars.names(packageName)] : named.vars);
  const environment = new Set(named.env);
  for (const name of wanted) {
    const value = vars.find(name, packageName);
    if (value === undefined) continue;
    const written = JSON.stringify(yamlToData(value));
    out.vars[name] = JSON.parse(scrub(written, env)) as Json;
    // A variable may be a template of its own.
    const inside = namesIn(written);
    for (const other of inside.vars) wanted.add(other);
    for (const other of inside.env) environment.add(other);
  }
  for (const name of environment) {
    const value = Object.hasOwn(env, name) ? env[name] : undefined;
    if (value !== undefined) out.env[name] = createHash('sha256').update(value).digest('hex').slice(0, 16);
  }
  return out;
}
