import { boundItems } from './limits.ts';

const vocabulary = (
  'lorem ipsum dolor sit amet consectetuer adipiscing elit sed do eiusmod tempor incididunt ut labore et dolore magna aliqua enim ad minim veniam quis nostrud ' +
  'exercitation ullamco laboris nisi aliquip ex ea commodo consequat duis aute irure in reprehenderit voluptate velit esse cillum fugiat nulla pariatur excepteur ' +
  'sint occaecat cupidatat non proident sunt culpa qui officia deserunt mollit anim id est laborum'
).split(' ');

/** Paragraphs of filler text, each of `min` up to (but not including) `max` words. */
export function lorem(paragraphs: number, min: number, max: number, random: () => number): string[] {
  boundItems(Math.max(0, paragraphs) * Math.max(8, max));
  const below = (low: number, high: number): number => low + Math.floor(random() * Math.max(1, high - low));
  return Array.from({ length: Math.max(0, paragraphs) }, () => {
    const count = below(min, max);
    const out: string[] = [];
    let last = '';
    let sentence = 0;
    for (let i = 0; i < count; i++) {
      let word = last;
      while (word === last) word = vocabulary[below(0, vocabulary.length)] as string;
      last = word;
      const ends = i === count - 1 || (sentence > 6 && random() < 0.15);
      const shown = sentence === 0 ? word.charAt(0).toUpperCase() + word.slice(1) : word;
      out.push(ends ? `${shown}.` : sentence > 2 && random() < 0.12 ? `${shown},` : shown);
      sentence = ends ? 0 : sentence + 1;
    }
    return out.join(' ');
  });
}
