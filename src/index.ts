/** dml as a library: runs commands in the calling process, with everything of the process given as an argument. */

export { main } from './cli/main.ts';
export type { Output, World } from './cli/world.ts';
