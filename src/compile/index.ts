export { type CompiledCte, type CompiledNode, locateStatement, type Place } from './compiled.ts';
export { Compiler, type CompileSettings, type Drive, type NamesRequest } from './compiler.ts';
export { externalLocation } from './external.ts';
export { type NodeLog, NodeOutput, silent } from './output.ts';
export { cteValue, isEphemeral, refText, resolveRef, resolveSource } from './references.ts';
export { type Batch, instantText, instantValue, type Window } from './window.ts';
