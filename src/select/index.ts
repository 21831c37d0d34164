export { wildcard } from './glob.ts';
export { Graph } from './graph.ts';
export { type Criteria, checkSelectors, type Selection, select } from './select.ts';
export type { IndirectSelection } from './spec.ts';
