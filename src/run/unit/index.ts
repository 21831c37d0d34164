export type { Ground } from './ground.ts';
export { inputText } from './inputs.ts';
export { memoryFor } from './memory.ts';
export { TargetGround } from './target.ts';
export { overFixtures, passes, unitTest } from './unit.ts';
