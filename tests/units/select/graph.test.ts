import { expect, test } from 'vitest';
import { Graph } from '../../../src/select/index.ts';

function graph(edges: Readonly<Record<string, readonly string[]>>): Graph {
  return new Graph(new Map(Object.entries(edges)));
}

test('walks up and down, as deep as asked', () => {
  const g = graph({ a: [], b: ['a'], c: ['b', 'a'], d: ['c'], e: [] });
  expect([...g.descendants(['a'])].sort()).toEqual(['b', 'c', 'd']);
  expect([...g.descendants(['a'], 1)].sort()).toEqual(['b', 'c']);
  expect([...g.ancestors(['d'], 2)].sort()).toEqual(['a', 'b', 'c']);
  expect([...g.ancestors(['d', 'c'], 1)].sort()).toEqual(['a', 'b', 'c']);
  expect(g.order()).toEqual(['a', 'e', 'b', 'c', 'd']);
  expect(g.cycle()).toBeUndefined();
});

test('edges to what is not there are left out', () => {
  expect(graph({ a: ['gone'] }).parents('a')).toEqual([]);
});

test('a cycle is told as a path in the direction of the data', () => {
  const g = graph({ x: [], a: ['x', 'c'], b: ['a'], c: ['b'] });
  expect(g.cycle()).toEqual(['a', 'b', 'c', 'a']);
  expect(g.order()).toBeUndefined();
  expect(graph({ a: ['a'] }).cycle()).toEqual(['a', 'a']);
});

test('10,000 nodes in a chain need no stack', () => {
  const edges = new Map(Array.from({ length: 10_000 }, (_, i) => [`n${i}`, i === 0 ? [] : [`n${i - 1}`]] as const));
  const g = new Graph(edges);
  expect(g.cycle()).toBeUndefined();
  expect(g.ancestors(['n9999']).size).toBe(9999);
  expect(g.order()?.length).toBe(10_000);
});
