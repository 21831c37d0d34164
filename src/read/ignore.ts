/** Whether a path (relative to the folder of the ignore file, forward slashes) is left out. */
export type Ignore = (path: string) => boolean;

interface Rule {
  readonly keeps: boolean;
  readonly pattern: RegExp;
}

/** Reads a `.dbtignore`: lines in gitignore syntax, the last one that matches a path decides. As in dbt, a file can be kept although its folder is left out. */
export function parseIgnore(text: string): Ignore | undefined {
  const rules = text.split(/\r\n|\n|\r/).flatMap((line) => parseRule(line) ?? []);
  if (rules.length === 0) return undefined;
  return (path) => {
    let ignored = false;
    for (const rule of rules) if (ignored === rule.keeps && rule.pattern.test(path)) ignored = !rule.keeps;
    return ignored;
  };
}

function parseRule(line: string): Rule | undefined {
  // A backslash keeps the blank after it.
  let text = /\\ *$/.test(line) ? line.replace(/^(.*\\ ).*$/, '$1').trimStart() : line.trim();
  if (text === '' || text.startsWith('#') || text === '/') return undefined;
  const keeps = text.startsWith('!');
  if (keeps) text = text.slice(1);
  const parts = text.split('/');
  const folder = parts.at(-1) === '';
  if (folder) parts.pop();
  const anchored = parts[0] === '';
  if (anchored) parts.shift();
  // A pattern without an inner slash matches at every depth.
  else if (parts.length === 1 && parts[0] !== '**') parts.unshift('**');
  if (parts.length === 0 || parts.some((p) => p === '')) return undefined;
  return { keeps, pattern: new RegExp(`^${segments(parts, folder)}$`, 's') };
}

function segments(parts: readonly string[], folder: boolean): string {
  let out = '';
  let slash = false;
  parts.forEach((part, i) => {
    const last = i === parts.length - 1;
    if (part === '**') {
      if (i === 0 && last) out += folder ? '[^/]+/.*' : '.+';
      else if (i === 0) out += '(?:.+/)?';
      else if (last) out += '/.*';
      else out += '(?:/.+)?';
      slash = i > 0 && !last;
      return;
    }
    if (i > 0 && (slash || parts[i - 1] !== '**')) out += '/';
    out += glob(part);
    slash = false;
    // What lies inside a matching folder is left out with it.
    if (last) out += folder ? '/.*' : '(?:/.*)?';
  });
  return out;
}

function glob(part: string): string {
  let out = '';
  for (let i = 0; i < part.length; i++) {
    const c = part.charAt(i);
    if (c === '\\') out += quoted(part.charAt(++i));
    else if (c === '*') {
      while (part.charAt(i + 1) === '*') i++;
      out += '[^/]*';
    } else if (c === '?') out += '[^/]';
    else if (c === '[') {
      const close = part.indexOf(']', /^\[[!^]?\]/.test(part.slice(i)) ? i + (/[!^]/.test(part.charAt(i + 1)) ? 3 : 2) : i + 1);
      if (close === -1) out += '\\[';
      else {
        const negated = /[!^]/.test(part.charAt(i + 1));
        out += `[${negated ? '^' : ''}${part.slice(i + (negated ? 2 : 1), close).replace(/[\\\]^]/g, '\\$&')}]`;
        i = close;
      }
    } else out += quoted(c);
  }
  return out;
}

function quoted(c: string): string {
  return c.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
}
