/** A YAML value as PyYAML's safe loader (YAML 1.1) would construct it. Integers are number or bigint; floats are boxed so that `1.0` stays one. */
export type Yaml = null | boolean | number | bigint | string | YamlFloat | YamlDate | Yaml[] | YamlMap;

/**
 * A mapping: an object without prototype, in the order of the file (keys that look like array indexes come first, as JavaScript has it).
 * Keys that are not strings appear as Python's `json.dumps` would write them.
 */
export interface YamlMap {
  [key: string]: Yaml;
}

/** A float: Python prints `1.0`, not `1`. */
export class YamlFloat {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
  valueOf(): number {
    return this.value;
  }
  toJSON(): number {
    return this.value;
  }
}

/** An unquoted date or timestamp: `text` is what Python's str() of the date or datetime prints. */
export class YamlDate {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** A new, empty mapping. */
export function yamlMap(): YamlMap {
  return Object.create(null) as YamlMap;
}

/** JSON that a YAML value can be written as. */
export type YamlJson = null | boolean | number | string | YamlJson[] | { [key: string]: YamlJson };

/** Whether a value is a mapping. */
export function isMap(value: unknown): value is YamlMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof YamlFloat) && !(value instanceof YamlDate);
}

/** The value as JSON: dates as `str()` prints them, floats as numbers, integers beyond 2^53 as the nearest number. */
export function yamlToJson(value: Yaml): YamlJson {
  if (typeof value === 'bigint') return Number(value);
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(yamlToJson);
  if (value instanceof YamlFloat) return value.value;
  if (value instanceof YamlDate) return value.text;
  const map: { [key: string]: YamlJson } = Object.create(null);
  for (const key of Object.keys(value)) map[key] = yamlToJson(value[key] as Yaml);
  return map;
}
