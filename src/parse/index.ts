export { language } from './language.ts';
export { type MacroCall, type ParsedDoc, type ParsedFile, type ParsedMacro, type ParsedTemplate, parse, parseMacros } from './parse.ts';
export { type LiteralCall, literalCalls, silentCalls } from './static.ts';
