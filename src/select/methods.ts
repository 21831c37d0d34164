import type { Json } from '../resolve/index.ts';
import { closest, fail, YamlFloat } from '../text/index.ts';
import { gitTest, resultTest, sourceStatusTest, stateTest } from './earlier.ts';
import { pathPattern, wildcard } from './glob.ts';
import type { Criterion, CriterionValue, Method } from './spec.ts';
import type { Member, Universe } from './universe.ts';

type Test = (m: Member) => boolean;

const RESOURCE_TYPES = [
  'model',
  'analysis',
  'test',
  'snapshot',
  'operation',
  'seed',
  'rpc',
  'sql_operation',
  'doc',
  'source',
  'macro',
  'exposure',
  'metric',
  'group',
  'saved_query',
  'semantic_model',
  'unit_test',
  'fixture',
  'function',
];

/** What stands among the `nodes` of a manifest: as in dbt only these, with few others, have a group or settings that can be asked for. */
const NODES: ReadonlySet<string> = new Set(['model', 'analysis', 'test', 'snapshot', 'operation', 'seed', 'sql_operation']);

/** The ids that a criterion's method and value pick, before its graph operators. */
export function search(u: Universe, c: Criterion): Set<string> {
  const test = tests[c.method](String(c.value), c, u);
  const found = new Set<string>();
  for (const [id, m] of u.members) if (test(m)) found.add(id);
  return found;
}

const tests: Readonly<Record<Method, (value: string, c: Criterion, u: Universe) => Test>> = {
  fqn: (value) => fqnTest(value),
  tag: (value) => {
    const matches = wildcard(value);
    return (m) => m.tags.some(matches);
  },
  group: (value) => {
    const matches = wildcard(value);
    return (m) => {
      const group = m.config['group'];
      return (NODES.has(m.type) || m.type === 'metric') && typeof group === 'string' && group !== '' && matches(group);
    };
  },
  access: (value) => (m) => m.type === 'model' && m.resource !== undefined && 'access' in m.resource && m.resource.access === value,
  source: (value, c) => {
    const parts = value.split('.');
    if (parts.length > 3) fail('selector-invalid', { selector: c.raw, problem: 'a source is written `source`, `source.table` or `package.source.table`' });
    const [pkg, source, table] = (parts.length === 3 ? parts : parts.length === 2 ? ['*', ...parts] : ['*', ...parts, '*']).map(wildcard);
    return (m) =>
      m.type === 'source' && m.resource?.resource_type === 'source' && !!pkg?.(m.package) && !!source?.(m.resource.source_name) && !!table?.(m.name);
  },
  path: (value, c, u) => pathTest(value, c, u),
  file: (value) => {
    const matches = wildcard(value);
    return (m) => {
      const file = m.path.slice(m.path.lastIndexOf('/') + 1);
      const dot = file.lastIndexOf('.');
      return matches(file) || matches(dot > 0 ? file.slice(0, dot) : file);
    };
  },
  package: (value, _c, u) => {
    const matches = wildcard(value === 'this' ? u.manifest.project.root.name : value);
    return (m) => matches(m.package);
  },
  config: (_value, c) => configTest(c.args, c.value),
  test_name: (value) => {
    const matches = wildcard(value);
    return (m) =>
      m.resource?.resource_type === 'test'
        ? m.resource.test_metadata !== null && matches(m.resource.test_metadata.name)
        : m.type === 'unit_test' && matches(m.name);
  },
  test_type: (value, c) => testTypeTest(value, c),
  resource_type: (value, c) => {
    if (!RESOURCE_TYPES.includes(value))
      fail('selector-invalid', { selector: c.raw, problem: `\`${value}\` is no resource type` }, { hint: near(value, RESOURCE_TYPES) });
    return (m) => m.type === value;
  },
  exposure: namedTest('exposure'),
  metric: namedTest('metric'),
  semantic_model: namedTest('semantic_model'),
  saved_query: namedTest('saved_query'),
  unit_test: namedTest('unit_test'),
  version: (value, c) => versionTest(value, c),
  state: (value, c, u) => stateTest(value, c, u),
  result: (value, _c, u) => resultTest(value, u),
  source_status: (value, _c, u) => sourceStatusTest(value, u),
  git: (value, c, u) => gitTest(value, c, u),
};

function near(value: string, known: Iterable<string>): string | undefined {
  const name = closest(value, known);
  return name === undefined ? undefined : `did you mean \`${name}\`?`;
}

function namedTest(type: string): (value: string, c: Criterion) => Test {
  return (value, c) => {
    const parts = value.split('.');
    if (parts.length > 2) fail('selector-invalid', { selector: c.raw, problem: `write \`${type}:name\` or \`${type}:package.name\`` });
    const [pkg, name] = (parts.length === 2 ? parts : ['*', ...parts]).map(wildcard);
    return (m) => m.type === type && !!pkg?.(m.package) && !!name?.(m.name);
  };
}

/** A name, or a prefix of the dotted path package.folder.name, with or without the package; wildcards stand for the rest of the path or for the name. */
function fqnTest(value: string): Test {
  const parts = value.split('.');
  const wild = parts.findIndex((p) => /[*?[\]]/.test(p));
  const tail = wild === -1 ? undefined : wildcard(parts.slice(wild).join('.'));
  const name = wildcard(value);
  const lastTwo = parts.slice(-2).join('_');
  const matches = (fqn: readonly string[], versioned: boolean): boolean => {
    if (versioned ? fqn.at(-2) === value || fqn.slice(-2).join('_') === lastTwo : fqn.at(-1) === value) return true;
    const flat = fqn.some((s) => s.includes('.')) ? fqn.flatMap((s) => s.split('.')) : fqn;
    if (flat.length < parts.length) return false;
    for (let i = 0; i < (wild === -1 ? parts.length : wild); i++) if (flat[i] !== parts[i]) return false;
    if (!tail) return true;
    if (tail(flat.slice(wild).join('.'))) return true;
    return parts.length === 1 && name((versioned ? fqn.at(-2) : fqn.at(-1)) ?? '');
  };
  return (m) => {
    if (m.type === 'source') return false;
    const versioned = isVersioned(m);
    return matches(m.fqn, versioned) || matches(m.fqn.slice(1), versioned);
  };
}

function isVersioned(m: Member): boolean {
  return m.type === 'model' && m.resource !== undefined && 'version' in m.resource && m.resource.version !== null;
}

/** Paths are compared with those of the root project, as dbt compares with what lies in its folder: a package's file is found only where the root has the same path. */
function pathTest(value: string, c: Criterion, u: Universe): Test {
  const dir = u.manifest.project.dir.replaceAll('\\', '/');
  if (value === '') fail('selector-invalid', { selector: c.raw, problem: 'it names no path' });
  const inside = value.startsWith(`${dir}/`) ? value.slice(dir.length + 1) : value;
  if (/^(?:\/|[a-z]:\/)/i.test(inside)) fail('selector-invalid', { selector: c.raw, problem: 'a path is one in the project' });
  const matches = pathPattern(inside);
  const found = new Set<string>();
  const known = new Set<string>(['.']);
  for (const file of u.manifest.project.root.files) for (const path of [file.source.path, ...folders(file.source.path)]) known.add(path);
  for (const path of known) if (matches(path)) found.add(path);
  return (m) => {
    const patch = m.resource && 'patch_path' in m.resource ? m.resource.patch_path?.split('://')[1] : undefined;
    const path = m.path.replace(/^\.\//, '');
    return found.has(path) || (patch !== undefined && found.has(patch)) || folders(path).some((f) => found.has(f));
  };
}

function folders(path: string): string[] {
  const out = ['.'];
  for (let i = path.indexOf('/'); i !== -1; i = path.indexOf('/', i + 1)) out.push(path.slice(0, i));
  return out;
}

function configTest(path: readonly string[], wanted: CriterionValue): Test {
  const lower = String(wanted).toLowerCase();
  const anyCase = path.length === 1 && path[0] === 'severity';
  const equals = (value: Json): boolean => {
    if (value === true || value === false) return value === wanted || lower === String(value);
    if (anyCase && typeof value === 'string') return value.toLowerCase() === lower;
    return (value instanceof YamlFloat ? value.value : value) === wanted;
  };
  return (m) => {
    if (!NODES.has(m.type) && m.type !== 'source') return false;
    let value: Json | undefined = m.config;
    for (const key of path) {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
      value = (value as { readonly [key: string]: Json })[key];
    }
    if (value === undefined) return false;
    return Array.isArray(value) ? value.some(equals) : equals(value);
  };
}

function testTypeTest(value: string, c: Criterion): Test {
  const generic = (m: Member) => m.resource?.resource_type === 'test' && m.resource.test_metadata !== null;
  switch (value) {
    case 'generic':
    case 'schema':
      return generic;
    case 'singular':
      return (m) => m.type === 'test' && !generic(m);
    case 'data':
      return (m) => m.type === 'test';
    case 'unit':
      return (m) => m.type === 'unit_test';
    default:
      return fail('selector-invalid', { selector: c.raw, problem: 'a test type is `generic`, `singular`, `unit` or `data`' });
  }
}

function versionTest(value: string, c: Criterion): Test {
  if (!['latest', 'prerelease', 'old', 'none'].includes(value))
    fail('selector-invalid', { selector: c.raw, problem: 'a version is `latest`, `prerelease`, `old` or `none`' });
  return (m) => {
    if (m.type !== 'model' || m.resource === undefined || !('version' in m.resource) || !('latest_version' in m.resource)) return false;
    const { version, latest_version: latest } = m.resource;
    if (value === 'none') return version === null;
    if (version === null) return false;
    if (value === 'latest') return version === latest;
    if (!version || !latest) return false;
    const order = compareVersions(version, latest);
    return value === 'old' ? order < 0 : order > 0;
  };
}

function compareVersions(a: string | number, b: string | number): number {
  const [x, y] = [Number(a), Number(b)];
  if (!Number.isNaN(x) && !Number.isNaN(y)) return x - y;
  return String(a) < String(b) ? -1 : String(a) > String(b) ? 1 : 0;
}

/** The names that a criterion could have meant, for a hint where it found nothing. */
export function candidates(u: Universe, method: Method): Iterable<string> {
  const members = [...u.members.values()];
  switch (method) {
    case 'fqn':
      return members.filter((m) => m.type !== 'source').map((m) => m.name);
    case 'tag':
      return new Set(members.flatMap((m) => m.tags));
    case 'group':
      return [...u.manifest.groups.values()].map((g) => g.name);
    case 'source':
      return new Set(members.flatMap((m) => (m.resource?.resource_type === 'source' ? [m.resource.source_name, `${m.resource.source_name}.${m.name}`] : [])));
    case 'package':
      return new Set(members.map((m) => m.package));
    case 'path':
      return new Set(u.manifest.project.root.files.flatMap((f) => [f.source.path, ...folders(f.source.path)]));
    case 'file':
      return members.map((m) => m.path.slice(m.path.lastIndexOf('/') + 1));
    case 'test_name':
      return new Set(members.flatMap((m) => (m.resource?.resource_type === 'test' && m.resource.test_metadata ? [m.resource.test_metadata.name] : [])));
    case 'exposure':
    case 'metric':
    case 'semantic_model':
    case 'saved_query':
    case 'unit_test':
      return members.filter((m) => m.type === method).map((m) => m.name);
    default:
      return [];
  }
}
