import { isMap, parseYaml, type Sink, sourceFile, type Yaml } from '../../text/index.ts';
import type { Renderer } from '../render.ts';
import { readSpecs, type Spec } from './spec.ts';

export const LOCK = 'package-lock.yml';

/** A package with everything decided: what the lock file says of it. */
export type Pinned =
  | { readonly kind: 'local'; readonly local: string; readonly name: string }
  /** `revision` is a commit; `written` the address before rendering, without secrets. */
  | {
      readonly kind: 'git';
      readonly git: string;
      readonly written: string;
      readonly revision: string;
      readonly subdirectory: string | undefined;
      readonly name: string;
    }
  | { readonly kind: 'tarball'; readonly tarball: string; readonly written: string; readonly name: string }
  | { readonly kind: 'hub'; readonly package: string; readonly version: string; readonly name: string };

/** The text of package-lock.yml as dbt writes it: keys in alphabetical order. */
export function lockText(packages: readonly Pinned[], hash: string): string {
  const entries = packages.map((p) => `  - ${fields(p).join('\n    ')}\n`);
  return `packages:\n${entries.join('')}sha1_hash: ${scalar(hash)}\n`;
}

function fields(p: Pinned): string[] {
  const name = `name: ${scalar(p.name)}`;
  switch (p.kind) {
    case 'local':
      return [`local: ${scalar(p.local)}`, name];
    case 'git':
      return [
        `git: ${scalar(p.written)}`,
        name,
        `revision: ${scalar(p.revision)}`,
        ...(p.subdirectory === undefined ? [] : [`subdirectory: ${scalar(p.subdirectory)}`]),
      ];
    case 'tarball':
      return [name, `tarball: ${scalar(p.written)}`];
    case 'hub':
      return [name, `package: ${scalar(p.package)}`, `version: ${scalar(p.version)}`];
  }
}

const IGNORE: Sink = { add: () => undefined, push: () => undefined };

/** A text as a YAML scalar on one line: bare where that reads back as the same text, else in quotes. */
export function scalar(text: string): string {
  const bare = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(text) && !/: |:$| #|^[-?:] |^[-?:]$|^[,[\]{}#&*!|>'"%@`]/.test(text);
  if (bare) {
    const read = parseYaml(sourceFile('', `a: ${text}\n`), IGNORE)?.value;
    if (isMap(read) && read['a'] === text) return text;
  }
  return /^[\x20-\x7e]*$/.test(text) ? `'${text.replaceAll("'", "''")}'` : JSON.stringify(text);
}

/** What package-lock.yml holds. */
export interface Lock {
  readonly hash: string | undefined;
  readonly specs: readonly Spec[];
  /** The names the lock gives its packages, in the order of `specs`. */
  readonly names: readonly (string | undefined)[];
}

/** Reads the text of package-lock.yml; undefined, with a diagnostic, where it cannot be used. */
export function readLock(text: string, renderer: Renderer, sink: Sink): Lock | undefined {
  const document = parseYaml(sourceFile(LOCK, text), sink);
  if (!document) return undefined;
  const top = document.value;
  if (top === null) return { hash: undefined, specs: [], names: [] };
  if (!isMap(top)) return sink.add('lock-invalid', { problem: 'is not a mapping' }) as undefined;
  const written = top['packages'] ?? [];
  const rendered = renderer.tree(document, top, 'packages', ['packages'], () => true) ?? [];
  if (!Array.isArray(written) || !Array.isArray(rendered))
    return sink.add('lock-invalid', { problem: 'has no list `packages`' }, { at: document.valueSpan(top, 'packages') }) as undefined;
  const specs = readSpecs(rendered, written, LOCK, document, sink);
  const hash = top['sha1_hash'];
  return specs && { hash: typeof hash === 'string' ? hash : undefined, specs, names: rendered.map(nameOf) };
}

function nameOf(entry: Yaml): string | undefined {
  const name = isMap(entry) ? entry['name'] : undefined;
  return typeof name === 'string' ? name : undefined;
}
