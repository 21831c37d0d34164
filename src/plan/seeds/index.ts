export { inspectCsv } from './inspect.ts';
export { csvRecords } from './records.ts';
