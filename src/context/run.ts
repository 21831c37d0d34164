import { type Args, Callable, Effectful, Native, type Program, PyError, type Site, signature, str, type Value } from '../jinja/index.ts';
import { fail, type Span, sourceFile } from '../text/index.ts';
import { type AdapterHost, runAdapter } from './adapter.ts';
import { native } from './base.ts';
import type { Json } from './convert.ts';
import { exceptionsValue } from './exceptions.ts';
import type { Invocation } from './invocation.ts';
import { modulesValue } from './modules.ts';
import { Names } from './names.ts';
import { type RefCall, refCall, sourceCall } from './parse.ts';
import { RuntimeConfig } from './run-config.ts';
import { StatementResults } from './run-results.ts';
import { Resolver } from './runtime-config.ts';
import { apiValue, builtinsValue, commonMember, MacroStack, tryOrCompilerError, validationValue } from './shared.ts';

/** What a template at run time knows of the node it belongs to and of the project around it. */
export interface RunHost {
  /** The node's unique id, for messages. */
  readonly id: string;
  readonly packageName: string;
  readonly threadId: string;
  readonly database: string | null;
  readonly schema: string;
  /** `this`: a relation, or None where there is none. */
  readonly self: () => Value;
  /** The node as templates see it. */
  readonly model: () => Value;
  readonly config: { readonly [key: string]: Json };
  readonly ref: (call: RefCall) => Value;
  readonly source: (call: { readonly source: string; readonly table: string; readonly at: Span }) => Value;
  readonly graph: () => Value;
  readonly adapter: Omit<AdapterHost, 'names'>;
  /** Unique ids of the nodes that this run is about. */
  readonly selected: readonly string[];
  /** The compiled SQL; null while the node is being compiled. */
  readonly compiled: string | null;
  /** Keeps a text as the node's run SQL. */
  readonly write: (sql: string) => void;
  /** `load_agate_table()`, for seeds. */
  readonly seed?: () => Program;
  readonly hooks: { readonly pre: () => Value; readonly post: () => Value };
  /** Further names: `results` of on-run-end, the arguments of a generic test. They hide others of their names. */
  readonly extra?: ReadonlyMap<string, Value>;
  /** What a unit test puts in the place of macros and names. */
  readonly overrides?: ReadonlyMap<string, Value>;
}

/** A template's names with the statement results that come with them. */
export interface RunNames {
  readonly names: Names;
  readonly results: StatementResults;
}

/** The names a template sees at run time: `execute` is true, references are relations, the database answers. */
export function runNames(invocation: Invocation, host: RunHost): RunNames {
  const results = new StatementResults();
  const names = new Names({
    invocation,
    packageName: host.packageName,
    threadId: host.threadId,
    requireVars: true,
    capture: false,
    memberNames: MEMBERS,
    member: (name, self) => host.extra?.get(name) ?? results.member(name) ?? member(name, self, host),
    ...(host.overrides && { overrides: host.overrides }),
  });
  return { names, results };
}

const MEMBERS = [
  'ref',
  'source',
  'config',
  'this',
  'model',
  'adapter',
  'api',
  'execute',
  'graph',
  'exceptions',
  'modules',
  'metric',
  'function',
  'builtins',
  'render',
  'write',
  'load_result',
  'store_result',
  'store_raw_result',
  'selected_resources',
  'database',
  'schema',
  'validation',
  'try_or_compiler_error',
  'load_agate_table',
  'sql',
  'compiled_code',
  'pre_hooks',
  'post_hooks',
  'context_macro_stack',
  'submit_python_job',
] as const;

function member(name: string, names: Names, host: RunHost): Value | undefined {
  switch (name) {
    case 'ref':
      return new Resolver('ref', names.invocation, (args, site) => host.ref(refCall(args, site)));
    case 'source':
      return new Resolver('source', names.invocation, (args, site) => host.source(sourceCall(args, site)));
    case 'metric':
    case 'function':
      return new Native(name, (_, site) => fail('not-at-run-time', { name }, { at: site.at }));
    case 'config':
      return new RuntimeConfig(host.id, host.config, host.model);
    case 'this':
      return host.self();
    case 'model':
      return host.model();
    case 'adapter':
      return runAdapter({ ...host.adapter, names });
    case 'api':
      return apiValue(names);
    case 'execute':
      return true;
    case 'graph':
      return host.graph();
    case 'exceptions':
      return exceptionsValue(names.invocation.output);
    case 'modules':
      return modulesValue(names.invocation);
    case 'builtins':
      return builtinsValue(names);
    case 'render':
      return new Render(names);
    case 'try_or_compiler_error':
      return tryOrCompilerError();
    case 'validation':
      return validationValue();
    case 'context_macro_stack':
      return new MacroStack(names);
    case 'submit_python_job':
      return new Native(name, (_, site) => fail('python-model', { node: host.id }, { at: site.at }));
    default:
      return orElse(own(name, host), () => commonMember(name, names));
  }
}

/** Like `??`, but None is a value. */
function orElse(value: Value | undefined, otherwise: () => Value | undefined): Value | undefined {
  return value === undefined ? otherwise() : value;
}

/** The members that tell of the node itself. */
function own(name: string, host: RunHost): Value | undefined {
  switch (name) {
    case 'database':
      return host.database;
    case 'schema':
      return host.schema;
    case 'sql':
    case 'compiled_code':
      return host.compiled;
    case 'pre_hooks':
      return host.hooks.pre();
    case 'post_hooks':
      return host.hooks.post();
    case 'selected_resources':
      return [...host.selected];
    case 'defer_relation':
      return null;
    case 'write':
      return native(signature('write', 0, 'payload'), ([payload]) => {
        host.write(str(payload as Value));
        return '';
      });
    case 'load_agate_table':
      return new Effectful(name, (_, site) => (host.seed ? host.seed() : fail('agate-table', { node: host.id }, { at: site.at })));
    default:
      return undefined;
  }
}

/** `render(text)`: the text may talk to the database too. */
class Render extends Callable {
  private readonly names: Names;
  constructor(names: Names) {
    super();
    this.names = names;
  }
  private template(args: Args) {
    const [text] = args.positional;
    const given = text ?? args.named.get('string');
    if (given === undefined) throw new PyError('TypeError', "render() missing 1 required positional argument: 'string'");
    return this.names.invocation.environment.parse(sourceFile('render()', str(given)));
  }
  call(args: Args, _site: Site): Value {
    return this.template(args).render(this.names.lookup, this.names.options);
  }
  override *program(args: Args, _site: Site): Program {
    return yield* this.template(args).program(this.names.lookup, this.names.options);
  }
}
