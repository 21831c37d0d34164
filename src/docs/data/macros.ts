import type { Facts } from './facts.ts';
import { type JsonMap, listOf, mapOf, some, textOf } from './json.ts';
import { aboutOf } from './rows.ts';
import type { Id, MacroListFile, MacroPage } from './types.ts';

const USERS = 200;

/** The pages of all macros of the project and its packages, in order of id. */
export function macroPages(facts: Facts): readonly MacroPage[] {
  const users = new Map<Id, Id[]>();
  const uses = (id: Id, json: JsonMap): void => {
    for (const macro of listOf(mapOf(json['depends_on'])['macros'])) {
      const list = users.get(String(macro));
      if (!list) users.set(String(macro), [id]);
      else if (list.length < USERS && !list.includes(id)) list.push(id);
    }
  };
  for (const { id, json } of facts.nodes) uses(id, json);
  for (const [id, json] of facts.tests) uses(id, json);
  for (const [id, json] of facts.macros) uses(id, json);
  return [...facts.macros]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([id, json]): MacroPage => {
      const code = textOf(json['macro_sql']) ?? '';
      return {
        id,
        name: textOf(json['name']) ?? id,
        package: textOf(json['package_name']) ?? '',
        file: textOf(json['original_file_path']) ?? '',
        ...some('description', textOf(json['description'])),
        arguments: argumentsOf(json, code),
        code: code.trim(),
        macros: listOf(mapOf(json['depends_on'])['macros'])
          .map(String)
          .filter((m) => facts.macros.has(m)),
        usedBy: users.get(id) ?? [],
      };
    });
}

/** All macros, shortly. */
export function macroList(pages: readonly MacroPage[]): MacroListFile {
  const macros = pages.map(({ id, name, package: of, description, arguments: args }) => ({
    id,
    name,
    package: of,
    ...some('about', aboutOf(description)),
    arguments: args.map((a) => a.name),
  }));
  return { macros };
}

/** Arguments as described, and those that only the macro's head names, with their defaults. */
function argumentsOf(json: JsonMap, code: string): MacroPage['arguments'] {
  const written = headOf(code);
  const described = listOf(json['arguments']).map(mapOf);
  const names = new Set(described.map((a) => a['name']));
  return [
    ...described.map((a) => ({
      name: textOf(a['name']) ?? '',
      ...some('type', textOf(a['type'])),
      ...some('description', textOf(a['description'])),
      ...some('value', written.get(textOf(a['name']) ?? '')),
    })),
    ...[...written].filter(([name]) => !names.has(name)).map(([name, value]) => ({ name, ...some('value', value) })),
  ];
}

/** The arguments in the head of a macro, with their defaults as written. */
function headOf(code: string): ReadonlyMap<string, string | undefined> {
  const head = /\{%-?\s*(?:macro|test|materialization|data_test)\s+[\w.]+\s*\(/.exec(code);
  const out = new Map<string, string | undefined>();
  if (!head) return out;
  for (const part of argumentTexts(code, head.index + head[0].length)) {
    const [, name, value] = /^\s*(\w+)\s*(?:=([\s\S]*))?$/.exec(part) ?? [];
    if (name !== undefined) out.set(name, value?.trim());
  }
  return out;
}

/** The text between a bracket and the one that closes it, cut at the commas that stand in no brackets and no quotes of their own. */
function argumentTexts(code: string, start: number): readonly string[] {
  const out: string[] = [];
  let [depth, from, quote] = [0, start, ''];
  for (let i = start; i < code.length; i++) {
    const c = code[i] as string;
    if (quote !== '') {
      if (c === '\\') i++;
      else if (c === quote) quote = '';
    } else if (c === '"' || c === "'") quote = c;
    else if ('([{'.includes(c)) depth++;
    else if (depth > 0 && ')]}'.includes(c)) depth--;
    else if (depth === 0 && (c === ',' || c === ')')) {
      out.push(code.slice(from, i));
      from = i + 1;
      if (c === ')') break;
    }
  }
  return out;
}
