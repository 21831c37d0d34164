import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isMap, parseYaml, type Sink, sourceFile, type Yaml, type YamlDocument, type YamlMap, yamlToJson } from '../../text/index.ts';
import { scalar } from './lock.ts';
import type { PackageList } from './spec.ts';
import type { DepsWorld } from './world.ts';

/** A package for the list, as the command line names it. */
export interface Addition {
  readonly name: string;
  readonly version: string | undefined;
  readonly source: 'hub' | 'git' | 'local';
}

const IGNORE: Sink = { add: () => undefined, push: () => undefined };

/** Puts a package on the list, in place of entries that mean the same one. The rest of the file, with its comments, stays as it is. */
export function addPackage(world: DepsWorld, list: PackageList, addition: Addition): void {
  const path = join(world.projectDir, list.name);
  const text = list.document ? readFileSync(path, 'utf8') : '';
  if (!list.document) world.say('Formatting', 'Z017', `Created ${list.name}`, {});
  const { text: changed, removed } = withPackage(text, addition);
  for (const entry of removed) {
    const shown = JSON.stringify(entry);
    world.say('DepsFoundDuplicatePackage', 'M033', `Found duplicate package in ${list.name}, removing: ${shown}`, { removed_package: shown });
  }
  writeFileSync(`${path}.new`, changed);
  renameSync(`${path}.new`, path);
  const label = `${addition.name}@${addition.version ?? ''}`;
  world.say('DepsAddPackage', 'M032', `Added new package ${label} to ${path}`, {
    package_name: addition.name,
    version: addition.version ?? '',
    packages_filepath: path,
  });
}

/** A package list with one more package, and the entries that made room for it. */
export function withPackage(text: string, addition: Addition): { readonly text: string; readonly removed: readonly unknown[] } {
  const document = parseYaml(sourceFile('packages.yml', text), IGNORE);
  const top = document && isMap(document.value) ? document.value : undefined;
  const entries = top && Array.isArray(top['packages']) ? top['packages'] : [];
  const doubles = entries.flatMap((entry, i) => (means(entry, addition.name) ? [i] : []));
  const removed = doubles.map((i) => yamlToJson(entries[i] ?? null));
  const wanted = JSON.stringify([...entries.flatMap((e, i) => (doubles.includes(i) ? [] : [yamlToJson(e)])), entryJson(addition)]);
  const edited =
    document && top
      ? edit(text, document, top, entries, doubles, addition)
      : `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}packages:\n${lines(addition, '  ')}`;
  // A list in a form that the edit does not know (in braces, with anchors) is written anew.
  if (edited !== undefined && JSON.stringify(listOf(edited)) === wanted) return { text: edited, removed };
  const kept = entries.filter((_, i) => !doubles.includes(i)).map((entry) => `  - ${JSON.stringify(yamlToJson(entry))}\n`);
  const rest = document && top && 'packages' in top ? text.slice(0, document.keySpan(top, 'packages').start) : text;
  return { text: `${rest}packages:\n${kept.join('')}${lines(addition, '  ')}`, removed };
}

function listOf(text: string): unknown {
  const value = parseYaml(sourceFile('packages.yml', text), IGNORE)?.value;
  return isMap(value) ? yamlToJson(value['packages'] ?? null) : undefined;
}

function edit(text: string, document: YamlDocument, top: YamlMap, entries: Yaml[], doubles: readonly number[], addition: Addition): string | undefined {
  if (!('packages' in top)) return `${text}${text.endsWith('\n') ? '' : '\n'}packages:\n${lines(addition, '  ')}`;
  const first = entries[0] === undefined ? undefined : document.valueSpan(entries, 0);
  if (first === undefined) {
    const key = document.keySpan(top, 'packages');
    const empty = /^\s*:[ \t]*(?:\[\s*\]|null|~)?/.exec(text.slice(key.end));
    return empty === null
      ? undefined
      : `${text.slice(0, key.end)}:\n${lines(addition, '  ').replace(/\n$/, '')}${startLine(text.slice(key.end + empty[0].length))}`;
  }
  const indent = /^( *)- *$/.exec(text.slice(lineStart(text, first.start), first.start))?.[1];
  if (indent === undefined) return undefined;
  let out = text;
  const last = lineEnd(text, trimmedEnd(text, document.valueSpan(entries, entries.length - 1).end));
  out = `${out.slice(0, last)}${out.slice(0, last).endsWith('\n') ? '' : '\n'}${lines(addition, indent)}${out.slice(last)}`;
  for (const i of doubles.toReversed()) {
    const at = document.valueSpan(entries, i);
    out = out.slice(0, lineStart(text, at.start)) + out.slice(lineEnd(text, trimmedEnd(text, at.end)));
  }
  return out;
}

function startLine(rest: string): string {
  return rest === '' || rest.startsWith('\n') ? rest || '\n' : `\n${rest}`;
}

/** The span of a block may reach over the blank lines and comments after it. */
function trimmedEnd(text: string, end: number): number {
  return text.slice(0, end).replace(/(?:\s|\n[ \t]*#[^\n]*)+$/, '').length;
}

function lineStart(text: string, at: number): number {
  return text.lastIndexOf('\n', at - 1) + 1;
}

/** The start of the line after the one that `at` is in. */
function lineEnd(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end === -1 ? text.length : end + 1;
}

const KEYS = { hub: ['package', 'version'], git: ['git', 'revision'], local: ['local', 'version'] } as const;

function entryJson({ name, version, source }: Addition): unknown {
  const [key, versionKey] = KEYS[source];
  return { [key]: name, ...(version !== undefined && { [versionKey]: versions(version) }) };
}

function versions(text: string): string | readonly string[] {
  return text.includes(',') ? text.split(',') : text;
}

function lines({ name, version, source }: Addition, indent: string): string {
  const [key, versionKey] = KEYS[source];
  const head = `${indent}- ${key}: ${scalar(name)}\n`;
  if (version === undefined) return head;
  const given = versions(version);
  const value = typeof given === 'string' ? scalar(given) : `[${given.map((v) => JSON.stringify(v)).join(', ')}]`;
  return `${head}${indent}  ${versionKey}: ${value}\n`;
}

/** Whether an entry is the package of that name: the whole name or its last part stands in the address between slashes or dots, `-` and `_` being equal. */
function means(entry: Yaml, name: string): boolean {
  if (!isMap(entry)) return false;
  const address = entry['package'] ?? entry['git'] ?? entry['local'] ?? entry['tarball'] ?? entry['private'];
  if (typeof address !== 'string') return false;
  const plain = (t: string) => t.replaceAll('-', '_');
  const short = name.slice(name.lastIndexOf('/') + 1);
  return [name, short].some((variant) => {
    const at = plain(address).indexOf(plain(variant));
    const end = at + variant.length;
    return variant !== '' && at !== -1 && (at === 0 || '/.'.includes(address[at - 1] ?? '')) && (end === address.length || '/.'.includes(address[end] ?? ''));
  });
}
