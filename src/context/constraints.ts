import { Dict, iterate, PyError, str, truthy, type Value } from '../jinja/index.ts';
import type { Dialect } from '../sql/index.ts';

/** One text for each column of a contract: `id integer not null primary key`. Columns in the shape of `model.columns`. */
export function constraintTexts(columns: Value, dialect: Dialect): Value[] {
  if (!(columns instanceof Dict)) throw new PyError('TypeError', 'render_raw_columns_constraints() needs a dictionary of columns');
  return [...columns.values()].map((column) => {
    const get = field(column);
    const name = str(get('name'));
    const shown = truthy(get('quote')) ? dialect.quote(name) : name;
    const constraints = [...iterate(get('constraints') ?? [])].map(columnConstraint).filter((c) => c !== null);
    return [`${shown} ${str(get('data_type'))}`, ...constraints].join(' ');
  });
}

/** The model-level constraints of a contract as text: `primary key (id, day)`. */
export function modelConstraintTexts(constraints: Value): Value[] {
  return [...iterate(constraints)].map(modelConstraint).filter((c) => c !== null);
}

function field(v: Value): (name: string) => Value {
  if (!(v instanceof Dict)) throw new PyError('TypeError', `expected a dictionary, got ${str(v)}`);
  return (name) => v.get(name) ?? null;
}

function columnConstraint(v: Value): string | null {
  const get = field(v);
  const expression = get('expression') === null ? '' : str(get('expression'));
  const after = expression ? ` ${expression}` : '';
  switch (get('type')) {
    case 'not_null':
      return `not null${after}`;
    case 'unique':
      return `unique${after}`;
    case 'primary_key':
      return `primary key${after}`;
    case 'check':
      return expression ? `check (${expression})` : null;
    case 'foreign_key': {
      const columns = texts(get('to_columns'));
      if (get('to') !== null && columns.length > 0) return `references ${str(get('to'))} (${columns.join(', ')})`;
      return expression ? `references ${expression}` : null;
    }
    case 'custom':
      return expression || null;
    default:
      throw new PyError('ValidationError', `Could not parse constraint: ${str(v)}`);
  }
}

function modelConstraint(v: Value): string | null {
  const get = field(v);
  const expression = get('expression') === null ? '' : str(get('expression'));
  const after = expression ? ` ${expression}` : '';
  const prefix = get('name') === null ? '' : `constraint ${str(get('name'))} `;
  const columns = texts(get('columns')).join(', ');
  switch (get('type')) {
    case 'check':
      return expression ? `${prefix}check (${expression})` : null;
    case 'unique':
      return `${prefix}unique${after} (${columns})`;
    case 'primary_key':
      return `${prefix}primary key${after} (${columns})`;
    case 'foreign_key': {
      const to = texts(get('to_columns'));
      if (get('to') !== null && to.length > 0) return `${prefix}foreign key (${columns}) references ${str(get('to'))} (${to.join(', ')})`;
      return expression ? `${prefix}foreign key (${columns}) references ${expression}` : null;
    }
    case 'not_null':
      return null;
    case 'custom':
      return expression ? `${prefix}${expression}` : null;
    default:
      throw new PyError('ValidationError', `Could not parse constraint: ${str(v)}`);
  }
}

function texts(v: Value): string[] {
  return v === null ? [] : [...iterate(v)].map(str);
}
