/** Writes the site's pages to a directory, which is emptied before. Answers the bytes of all scripts together, as gzip sends them. */
export function buildSite(out?: string): Promise<number>;
