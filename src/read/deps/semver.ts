/** A semantic version as the package index writes it. */
export interface Version {
  readonly text: string;
  readonly numbers: readonly [number, number, number];
  /** What stands after the dash; undefined for a release. */
  readonly pre: string | undefined;
}

export type Operator = '>' | '>=' | '<' | '<=' | '=';

/** One bound on a version: `>=1.0.0`; a bare version asks for exactly that one. */
export interface Requirement {
  readonly operator: Operator;
  readonly version: Version;
}

const pattern =
  /^(>=|<=|>|<|=)?((0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-?((?:0|[1-9]\d*|\d*[A-Za-z-][\dA-Za-z-]*)(?:\.(?:0|[1-9]\d*|\d*[A-Za-z-][\dA-Za-z-]*))*))?(?:\+[\dA-Za-z-]*(?:\.[\dA-Za-z-]*)*)?)$/;

/** Reads `>=1.2.3`, `1.2.3-rc.1`, ...; undefined for what is no requirement. Blanks and shorter versions are none, as in dbt. */
export function requirement(text: string): Requirement | undefined {
  const found = pattern.exec(text);
  if (!found) return undefined;
  const [, operator = '=', version = '', major, minor, patch, pre] = found;
  return { operator: operator as Operator, version: { text: version, numbers: [Number(major), Number(minor), Number(patch)], pre } };
}

/** Reads a version without an operator. */
export function version(text: string): Version | undefined {
  return /^[<>=]/.test(text) ? undefined : requirement(text)?.version;
}

/** Less than, equal to or greater than 0: the order of versions, in which a pre-release comes before its release. */
export function compareVersions(a: Version, b: Version): number {
  for (const i of [0, 1, 2] as const) if (a.numbers[i] !== b.numbers[i]) return a.numbers[i] - b.numbers[i];
  if (a.pre === b.pre) return 0;
  if (a.pre === undefined) return 1;
  return b.pre === undefined ? -1 : comparePre(a.pre, b.pre);
}

/** Part by part, numbers before words; where one is the start of the other, the shorter text comes first. */
function comparePre(a: string, b: string): number {
  const others = b.split('.');
  for (const [i, part] of a.split('.').entries()) {
    const other = others[i];
    if (other === undefined) break;
    if (part === other) continue;
    const [left, right] = [/^\d+$/.test(part), /^\d+$/.test(other)];
    if (left && right) return Number(part) - Number(other);
    if (left !== right) return left ? -1 : 1;
    return part < other ? -1 : 1;
  }
  return a.length - b.length;
}

/** Whether a version meets a requirement. `<2.0.0` keeps out the pre-releases of 2.0.0 too. */
export function meets(v: Version, { operator, version: bound }: Requirement): boolean {
  const d = compareVersions(v, bound);
  switch (operator) {
    case '=':
      return d === 0;
    case '>':
      return d > 0;
    case '>=':
      return d >= 0;
    case '<=':
      return d <= 0;
    case '<':
      return d < 0 && !(bound.pre === undefined && v.pre !== undefined && v.numbers.every((n, i) => n === bound.numbers[i]));
  }
}

/** The versions that may be installed, in their order: without pre-releases unless they are asked for. Texts that are no versions are left out. */
export function installable(versions: Iterable<string>, prereleases: boolean): readonly Version[] {
  const read = [...versions].flatMap((text) => version(text) ?? []);
  return read.filter((v) => prereleases || v.pre === undefined).sort(compareVersions);
}

/** The greatest of the versions that meets all requirements. */
export function best(versions: readonly Version[], requirements: readonly Requirement[]): Version | undefined {
  let found: Version | undefined;
  for (const v of versions) {
    if (requirements.every((r) => meets(v, r)) && (found === undefined || compareVersions(found, v) < 0)) found = v;
  }
  return found;
}
