import { Diagnostics, isMap, parseYaml, sourceFile, type Yaml, type YamlDocument, yamlToJson } from '../text/index.ts';

/**
 * A properties file with one more unit test, its entry given as lines without indentation. All else stays as it is, to the letter, with the file's own
 * indentation and line ends. Undefined where the file is written so that an entry has no place in it.
 */
export function withUnitTest(text: string, entry: readonly string[]): string | undefined {
  const document = read(text);
  if (!document || !(document.value === null || isMap(document.value))) return undefined;
  const ending = text.includes('\r\n') ? '\r\n' : '\n';
  const place = placeIn(document, text);
  if (!place) return undefined;
  const lines = [...place.before, ...entry.map((line) => (line === '' ? '' : place.indent + line))];
  const head = text.slice(0, place.at);
  const out = `${head}${head === '' || head.endsWith('\n') ? '' : ending}${lines.join(ending)}${ending}${text.slice(place.at)}`;
  return holds(out, document.value, entry) ? out : undefined;
}

/** A properties file with nothing but one unit test. */
export function unitTestFile(entry: readonly string[]): string {
  return `unit_tests:\n${entry.map((line) => (line === '' ? '' : `  ${line}`)).join('\n')}\n`;
}

function read(text: string): YamlDocument | undefined {
  const sink = new Diagnostics();
  const document = parseYaml(sourceFile('properties', text), sink);
  return sink.all.length === 0 ? document : undefined;
}

interface Place {
  readonly at: number;
  /** Lines to be written first. */
  readonly before: readonly string[];
  readonly indent: string;
}

/** Behind the last of the unit tests that are there, else at the end. */
function placeIn(document: YamlDocument, text: string): Place | undefined {
  const { unit_tests: list } = isMap(document.value) ? document.value : {};
  if (list === undefined) {
    const indent = /^\w[^\n]*:[ \t]*\r?\n(?:[ \t]*(?:#[^\n]*)?\r?\n)*([ \t]*)- /m.exec(text)?.[1] ?? '  ';
    const trimmed = text.trimEnd();
    const at = trimmed === '' ? text.length : endOfLine(text, trimmed.length);
    return { at, before: trimmed === '' ? ['unit_tests:'] : ['', 'unit_tests:'], indent };
  }
  if (!Array.isArray(list) || list.length === 0) return undefined;
  const last = document.valueSpan(list, list.length - 1);
  const dash = /(?:^|\n)([ \t]*)-[ \t]+$/.exec(text.slice(0, last.start));
  if (!dash) return undefined;
  const written = text.slice(last.start, last.end).trimEnd().length;
  return { at: endOfLine(text, last.start + written), before: [], indent: dash[1] ?? '' };
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end === -1 ? text.length : end + 1;
}

/** Whether a file says what it said before, and the entry besides. */
function holds(text: string, before: Yaml, entry: readonly string[]): boolean {
  const after = read(text)?.value ?? null;
  const added = read(entry.join('\n'))?.value;
  if (!isMap(after) || !Array.isArray(added)) return false;
  const old = isMap(before) ? before : {};
  const tests = Array.isArray(old['unit_tests']) ? old['unit_tests'] : [];
  const wanted: Yaml = { ...old, unit_tests: [...tests, ...added] };
  return JSON.stringify(yamlToJson(after)) === JSON.stringify(yamlToJson(wanted));
}
