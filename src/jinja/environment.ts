import { type SourceFile, sourceFile } from '../text/index.ts';
import { Parser, type TagParser } from './parser.ts';
import { filters as builtinFilters, globals as builtinGlobals, tests as builtinTests, type Filter, type Test } from './python/index.ts';
import { guarded, type Library } from './runtime.ts';
import { Template } from './template.ts';
import type { Value } from './value.ts';

/** Texts in no file that are kept parsed. */
const MOST_TEXTS = 4096;

/** What a host adds to Jinja's own tags, filters, tests and globals; its names win. */
export interface EnvironmentOptions {
  readonly tags?: Readonly<Record<string, TagParser>>;
  readonly filters?: Iterable<readonly [string, Filter]>;
  readonly tests?: Iterable<readonly [string, Test]>;
  readonly globals?: Iterable<readonly [string, Value]>;
  /** Put in front of the variables that macro statements set, for hosts that find macros by reading files; '' where Jinja's own way is wanted. */
  readonly macroPrefix?: string;
}

/** A language: Jinja with the host's additions. Parses templates. */
export class Environment implements Library {
  readonly filters: ReadonlyMap<string, Filter>;
  readonly tests: ReadonlyMap<string, Test>;
  readonly globals: ReadonlyMap<string, Value>;
  private readonly tags: ReadonlyMap<string, TagParser>;
  private readonly macroPrefix: string;
  private readonly texts = new Map<string, Template>();

  constructor(options: EnvironmentOptions = {}) {
    this.filters = new Map([...builtinFilters, ...(options.filters ?? [])]);
    this.tests = new Map([...builtinTests, ...(options.tests ?? [])]);
    this.globals = new Map([...builtinGlobals, ...(options.globals ?? [])]);
    this.tags = new Map(Object.entries(options.tags ?? {}));
    this.macroPrefix = options.macroPrefix ?? '';
  }

  /** Parses a file; throws DiagnosticError for a syntax error. Compiling waits until the template is rendered. */
  parse(file: SourceFile): Template {
    return new Template(
      guarded(file, () => new Parser(file, this.tags, this.macroPrefix).template()),
      this,
    );
  }

  /** A text that is in no file, parsed. The same text, such as an argument that many tests share, is parsed once. */
  parseText(text: string, path: string): Template {
    const key = `${path}\0${text}`;
    let template = this.texts.get(key);
    if (template === undefined) {
      template = this.parse(sourceFile(path, text));
      if (this.texts.size >= MOST_TEXTS) this.texts.clear();
      this.texts.set(key, template);
    }
    return template;
  }
}
