import { Dict, Float, type Value } from '../jinja/index.ts';
import { isMap, type Yaml, YamlDate, YamlFloat, yamlToJson } from '../text/index.ts';
import { cellValue } from './cell.ts';

/** JSON as dml's own data holds it (manifest, configuration). A float that is whole stays boxed: Python prints `2.0`, not `2`. */
export type Json = null | boolean | number | string | YamlFloat | readonly Json[] | { readonly [key: string]: Json };

/** A YAML value as templates see it. Each call makes new lists and dicts: a template that changes one changes its own copy. */
export function yamlToValue(v: Yaml): Value {
  if (typeof v !== 'object' || v === null) return v;
  if (Array.isArray(v)) return v.map(yamlToValue);
  if (v instanceof YamlFloat) return new Float(v.value);
  if (v instanceof YamlDate) return cellValue(v.text, /^\d{4}-\d\d-\d\d$/.test(v.text) ? 'date' : 'timestamp');
  const out = new Dict();
  for (const key of Object.keys(v)) out.set(key, yamlToValue(v[key] as Yaml));
  return out;
}

/** A YAML value as dml's own data: dates are text, integers beyond 2^53 the nearest number. */
export function yamlToData(v: Yaml): Json {
  if (v instanceof YamlFloat) return floatToData(v.value);
  if (Array.isArray(v)) return v.map(yamlToData);
  if (!isMap(v)) return yamlToJson(v) as Json;
  const map: { [key: string]: Json } = Object.create(null);
  for (const key of Object.keys(v)) map[key] = yamlToData(v[key] as Yaml);
  return map;
}

/** A float as dml's own data. */
export function floatToData(value: number): Json {
  return Number.isInteger(value) ? new YamlFloat(value) : value;
}

/** JSON data as templates see it. Numbers with a fraction become floats, others ints. */
export function jsonToValue(v: Json | undefined): Value {
  if (v === undefined) return null;
  if (typeof v === 'number') return Number.isInteger(v) ? v : new Float(v);
  if (typeof v !== 'object' || v === null) return v;
  if (v instanceof YamlFloat) return new Float(v.value);
  if (isList(v)) return v.map(jsonToValue);
  const out = new Dict();
  for (const key of Object.keys(v)) out.set(key, jsonToValue(v[key]));
  return out;
}

function isList(v: Json): v is readonly Json[] {
  return Array.isArray(v);
}
