export {
  type Inputs,
  type NodeInputs,
  type Previous,
  type PreviousManifest,
  type PreviousResult,
  type PreviousResults,
  readArtifact,
  readManifest,
  readResults,
  readSources,
} from './artifacts.ts';
export { type Change, type CompareSettings, Comparison, callers, type Part } from './compare.ts';
export { type Deferral, type Deferred, deferrable } from './deferral.ts';
export { inputsJson, inputsOf, readInputs } from './inputs.ts';
