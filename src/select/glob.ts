/** Python's fnmatch on the whole text: `*` any characters, `?` one, `[seq]` and `[!seq]` one of a set. Case matters. */
export function wildcard(pattern: string): (text: string) => boolean {
  if (!/[*?[]/.test(pattern)) return (text) => text === pattern;
  const regex = new RegExp(`^${translate(pattern, '[^]')}$`);
  return (text) => regex.test(text);
}

/** pathlib's glob of a relative path: `*` stays within one folder, `**` stands for any number of folders. */
export function pathPattern(pattern: string): (path: string) => boolean {
  const parts = pattern.split('/').filter((p) => p !== '' && p !== '.');
  if (parts.length === 0) return (path) => path === '.';
  let source = '';
  parts.forEach((part, i) => {
    const last = i === parts.length - 1;
    if (part === '**') source += last ? '(?:.+/)?[^/]*' : '(?:[^/]+/)*';
    else source += translate(part, '[^/]') + (last ? '' : '/');
  });
  const regex = new RegExp(`^${source}$`);
  return (path) => regex.test(path);
}

function translate(pattern: string, any: string): string {
  let out = '';
  for (let i = 0; i < pattern.length; i++) {
    const c = pattern.charAt(i);
    if (c === '*') out += `${any}*`;
    else if (c === '?') out += any;
    else if (c === '[') {
      // A `]` right after the bracket (or its `!`) is a member of the set.
      const close = pattern.indexOf(']', i + (pattern.charAt(i + 1) === '!' ? 3 : 2));
      if (close === -1) out += '\\[';
      else {
        const inner = pattern.slice(i + 1, close).replace(/[\\\]^]/g, '\\$&');
        out += inner.startsWith('!') ? `[^${inner.slice(1)}]` : `[${inner}]`;
        i = close;
      }
    } else out += c.replace(/[.+^${}()|\\\]/]/g, '\\$&');
  }
  return out;
}
