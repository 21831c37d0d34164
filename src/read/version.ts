/** A version as numbers and, for a pre-release, the text after the dash. */
interface Version {
  readonly numbers: readonly number[];
  readonly pre: string;
}

function parse(text: string): Version | undefined {
  const found = /^v?(\d+)\.(\d+)(?:\.(\d+))?(?:[-.]?([A-Za-z][\w.-]*))?$/.exec(text.trim());
  return found ? { numbers: [Number(found[1]), Number(found[2]), Number(found[3] ?? 0)], pre: found[4] ?? '' } : undefined;
}

function compare(a: Version, b: Version): number {
  for (let i = 0; i < 3; i++) {
    const d = (a.numbers[i] ?? 0) - (b.numbers[i] ?? 0);
    if (d !== 0) return d;
  }
  // A pre-release comes before its release.
  return a.pre === b.pre ? 0 : a.pre === '' ? 1 : b.pre === '' ? -1 : a.pre < b.pre ? -1 : 1;
}

/** Whether a version meets all requirements (`>=1.0.0`, `<2.0.0`, `1.5.0`); undefined when one of them cannot be read. */
export function satisfies(version: string, requirements: readonly string[]): boolean | undefined {
  const ours = parse(version);
  if (!ours) return undefined;
  let fits = true;
  for (const requirement of requirements) {
    const [, operator = '', text = ''] = /^\s*(>=|<=|>|<|=)?\s*(.+)$/.exec(requirement) ?? [];
    const theirs = parse(text);
    if (!theirs) return undefined;
    const d = compare(ours, theirs);
    if (!(operator === '>=' ? d >= 0 : operator === '<=' ? d <= 0 : operator === '>' ? d > 0 : operator === '<' ? d < 0 : d === 0)) fits = false;
  }
  return fits;
}
