/** The lines of a file of JSON lines that `is` takes, oldest first. The others, such as one that was cut short, are passed over. */
export function readRecords<T>(text: string, is: (value: unknown) => value is T): readonly T[] {
  return text.split('\n').flatMap((line) => {
    try {
      const value: unknown = JSON.parse(line);
      return is(value) ? [value] : [];
    } catch {
      return [];
    }
  });
}

/** The file without its older lines, so that it holds no more than `limit` characters. */
export function withoutOldest(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const cut = text.indexOf('\n', text.length - limit);
  return cut === -1 ? '' : text.slice(cut + 1);
}
