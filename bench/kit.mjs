// What the benches share: figures, and the file they are kept in.
import fs from 'node:fs';

export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

export const round3 = (number) => Math.round(number * 1000) / 1000;

/** What a file of results holds; nothing where there is none. */
export function readResults(file) {
  return fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')) : {};
}

/** Puts parts into a file of results. What other benches have put there stays. */
export function record(file, parts) {
  fs.writeFileSync(file, `${JSON.stringify({ ...readResults(file), ...parts }, null, 2)}\n`);
}
