export { unitTest } from './unit.ts';
