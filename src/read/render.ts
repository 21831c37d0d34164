import {
  bind,
  Dict,
  Environment,
  type Filter,
  Float,
  literalEval,
  Native,
  PyError,
  type Signature,
  signature,
  str,
  Tuple,
  toJs,
  Undefined,
  type Value,
} from '../jinja/index.ts';
import {
  closest,
  type Diagnostic,
  DiagnosticError,
  diagnostic,
  fail,
  isMap,
  type Sink,
  type Span,
  type Yaml,
  YamlDate,
  type YamlDocument,
  YamlFloat,
  type YamlMap,
  yamlMap,
} from '../text/index.ts';

/** What templates in configuration files may use. */
export interface RenderScope {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Variables of the command line. */
  readonly vars: YamlMap;
  /** Whether secret environment variables may be read: in profiles.yml and packages.yml. */
  readonly secrets: boolean;
  /** `target`, once it is known. */
  readonly target?: Value;
  /** Names that come before those above: templates in properties files see the variables of their package. */
  readonly more?: (name: string) => Value | undefined;
  /** What to do instead about a name that templates here do not know. */
  readonly advice?: (name: string) => string | undefined;
}

/** The keys from the top of a file to a value. */
export type Path = readonly (string | number)[];

const SECRET = 'DBT_ENV_SECRET';

/** Renders scalars of configuration files: a text with template marks becomes what its expression gives, all else stays as it is. */
export class Renderer {
  private readonly environment: Environment;
  private readonly globals: (name: string) => Value | undefined;
  private readonly sink: Sink;
  private readonly advice: (name: string) => string | undefined;
  /** What the template under way has marked: a marked text stays a text in every expression, and is converted where the whole value is it. */
  private readonly marked = new Map<string, Marker>();

  constructor(scope: RenderScope, sink: Sink) {
    const filters = markers.map((marker): [string, Filter] => [marker, (value) => this.mark(value, marker)]);
    this.environment = new Environment({ filters });
    const members = new Map<string, Value>([
      ['var', varMember(scope)],
      ['env_var', envVarMember(scope)],
    ]);
    if (scope.target !== undefined) members.set('target', scope.target);
    this.globals = (name) => scope.more?.(name) ?? members.get(name);
    this.sink = sink;
    this.advice = scope.advice ?? (() => undefined);
  }

  /**
   * Renders what `wanted` accepts of a value and of all values in it. Mistakes are reported at their place in the document, and the text then stays as it
   * was. Dates become texts in ISO form, as in dbt.
   */
  tree(document: YamlDocument, container: YamlMap | Yaml[], key: string | number, path: Path, wanted: (path: Path) => boolean): Yaml {
    const value = Array.isArray(container) ? container[Number(key)] : container[key];
    if (Array.isArray(value)) {
      const out = value.map((_, i) => this.tree(document, value, i, [...path, i], wanted));
      document.copied(out, value);
      return out;
    }
    if (isMap(value)) {
      const out = yamlMap();
      for (const name of Object.keys(value)) out[name] = this.tree(document, value, name, [...path, name], wanted);
      document.copied(out, value);
      return out;
    }
    if (value instanceof YamlDate) return wanted(path) ? value.text.replace(' ', 'T') : value;
    if (typeof value !== 'string' || !wanted(path)) return value ?? null;
    // As a template, a text loses the line break at its end, and a plain text is no exception.
    if (!isTemplate(value)) return value.endsWith('\n') ? value.slice(0, -1) : value;
    const rendered = this.scalar(document, container, key);
    return rendered === undefined ? value : rendered;
  }

  /** The rendered text `container[key]`; undefined, with a diagnostic, when it cannot be rendered. `quiet` keeps the diagnostic back. */
  scalar(document: YamlDocument, container: YamlMap | Yaml[], key: string | number, quiet = false): Yaml | undefined {
    const source = document.source(container, key);
    const whole = document.valueSpan(container, key);
    try {
      this.marked.clear();
      const rendered = this.environment.parse(source).renderNative(this.globals);
      const marker = typeof rendered === 'string' ? this.marked.get(rendered) : undefined;
      const value = marker === undefined ? rendered : converted(rendered, marker);
      if (value instanceof Undefined) fail('jinja-undefined', { problem: value.message(), near: near(value) }, { at: whole });
      return fromValue(value);
    } catch (e) {
      const error = e instanceof PyError ? new DiagnosticError(diagnostic('jinja-error', { problem: e.message })) : e;
      if (!(error instanceof DiagnosticError)) throw error;
      // A text that stands in the file in another form (folded, escaped) has no places of its own.
      const exact = source.within?.file.text.startsWith(source.text, source.within.offset);
      const told = this.advised(error.diagnostic);
      if (!quiet) this.sink.push(exact && told.at ? told : { ...told, at: whole });
      return undefined;
    }
  }

  private advised(d: Diagnostic): Diagnostic {
    const name = d.code === 'jinja-undefined' ? /^'([^']+)' is undefined$/.exec(d.message)?.[1] : undefined;
    const hint = name === undefined ? undefined : this.advice(name);
    return hint === undefined || d.hint !== undefined ? d : { ...d, hint };
  }

  private mark(value: Value, marker: Marker): Value {
    const text = str(value);
    this.marked.set(text, marker);
    return text;
  }
}

/** Whether a text has marks that Jinja reads. */
export function isTemplate(text: string): boolean {
  return text.includes('{{') || text.includes('{%') || text.includes('{#');
}

function near(value: Undefined): string | undefined {
  return value.bareName === undefined ? undefined : closest(value.bareName, ['var', 'env_var', 'target']);
}

function native(sig: Signature, body: (args: readonly (Value | undefined)[], at: Span) => Value): Native {
  return new Native(sig.name, (args, site) => body(bind(sig, args), site.at));
}

function varMember(scope: RenderScope): Value {
  return native(signature('var', 0, 'var_name', 'default='), ([name, fallback], at) => {
    const key = str(name as Value);
    if (Object.hasOwn(scope.vars, key)) return toValue(scope.vars[key] as Yaml);
    if (fallback !== undefined) return fallback;
    return fail(
      'var-not-found',
      { name: key, near: closest(key, Object.keys(scope.vars)) },
      { at, hint: 'in configuration files only variables of the command line count: pass --vars, or give a default' },
    );
  });
}

function envVarMember(scope: RenderScope): Value {
  return native(signature('env_var', 0, 'var', 'default='), ([name, fallback], at) => {
    const key = str(name as Value);
    if (key.startsWith(SECRET) && !scope.secrets) return fail('env-var-secret', { name: key }, { at });
    const found = Object.hasOwn(scope.env, key) ? scope.env[key] : undefined;
    if (found !== undefined) return found;
    if (fallback !== undefined && fallback !== null) return fallback;
    return fail('env-var-missing', { name: key }, { at });
  });
}

/** `as_native` and its kin: in configuration files they turn a text into the literal it spells. */
const markers = ['as_text', 'as_native', 'as_bool', 'as_number'] as const;
type Marker = (typeof markers)[number];

function converted(value: Value, marker: Marker): Value {
  if (marker === 'as_text' || typeof value !== 'string') return value;
  const literal = literalEval(value);
  const result = literal === undefined ? value : literal;
  const wrong = (type: string): never => {
    throw new PyError('ValueError', `could not convert '${value}' into type '${type}'`);
  };
  if (marker === 'as_bool' && typeof result !== 'boolean') return wrong('bool');
  if (marker === 'as_number' && !(typeof result === 'number' || typeof result === 'bigint' || result instanceof Float)) return wrong('number');
  return result;
}

/** A YAML value as templates see it. */
export function toValue(value: Yaml): Value {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(toValue);
  if (value instanceof YamlFloat) return new Float(value.value);
  if (value instanceof YamlDate) return value.text;
  return new Dict(Object.keys(value).map((key): [Value, Value] => [key, toValue(value[key] as Yaml)]));
}

/** What a template gave, as YAML would have given it. */
function fromValue(value: Value): Yaml {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(fromValue);
  if (value instanceof Float) return new YamlFloat(value.value);
  if (value instanceof Tuple) return value.items.map(fromValue);
  if (value instanceof Dict) {
    const out = yamlMap();
    for (const [key, item] of value.entries()) out[str(key)] = fromValue(item);
    return out;
  }
  const plain = toJs(value);
  return typeof plain === 'string' ? plain : str(value);
}
