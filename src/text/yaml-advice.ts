import type { SourceFile } from './source.ts';
import type { YamlProblem } from './yaml-problem.ts';

/** What probably went wrong where reading stopped, as a hint. */
export function hintFor(file: SourceFile, problem: YamlProblem): string | undefined {
  const { text } = file;
  const line = lineAt(text, problem.start);
  const template =
    templateOn(line) ?? (problem.mistake === 'bracket' || problem.mistake === 'template' ? templateOn(text.slice(problem.start, problem.end + 2)) : undefined);
  if (template !== undefined && problem.mistake !== 'tab')
    return `a value that starts with \`${template}\` needs quotes: "${template} ... ${template === '{{' ? '}' : template.charAt(1)}}"`;
  switch (problem.mistake) {
    case 'tab':
      return 'put spaces in place of the tab';
    case 'quote':
      return `close the ${text.charAt(problem.start) === '"' ? 'double' : 'single'} quote; inside '...' a quote is written twice`;
    case 'colon':
      return colonHint(line, text.slice(problem.start, problem.end));
    case 'indent':
      return indentHint(line, lineBefore(text, problem.start));
    case 'escape':
      return 'write the backslash twice, or use single quotes, in which it has no meaning';
    case 'indicator':
      return text.charAt(problem.start) === '@' || '%`*&!'.includes(text.charAt(problem.start)) ? 'put the value in quotes' : undefined;
    case 'bracket':
      return 'every `[` and `{` needs its `]` or `}`; a text with brackets in it needs quotes';
    case 'scalar':
      return 'put quotes around it if it is a text';
    case 'document':
      return 'remove the `---`, or move what follows to a file of its own';
    default:
      return undefined;
  }
}

/** The template mark with which an unquoted value on this line starts. */
function templateOn(line: string): string | undefined {
  return /(?:^|[:,[-])[ \t]*(\{[{%#])/.exec(line)?.[1];
}

function colonHint(line: string, at: string): string {
  const glued = /^[ \t]*(?:- +)?([\w-]+):([^\s:/].*)?$/.exec(line);
  if (glued?.[2] !== undefined && !/:\s/.test(line)) return `a space is missing after the colon: \`${glued[1]}: ${glued[2].slice(0, 40)}\``;
  if (at === ':' && /:[ \t].*:(?:[ \t]|$)/.test(line)) return 'a value with `: ` in it needs quotes';
  const quoted = /^[ \t]*(?:- +)?[\w-]+:[ \t]+(["']).*\1(.+)$/.exec(line);
  if (quoted) return 'a quote inside the value ends it: put the whole value in the other kind of quotes';
  return 'a key is written `key: value`; a text with special characters needs quotes';
}

function indentHint(line: string, before: string): string {
  const glued = /^[ \t]*(?:- +)?([\w-]+):(\S.*)$/.exec(line) ?? /^[ \t]*(?:- +)?([\w-]+):(\S.*)$/.exec(before);
  if (glued && !/^\/\//.test(glued[2] ?? '')) return `a space is missing after the colon: \`${glued[1]}: ${(glued[2] ?? '').slice(0, 40)}\``;
  return 'keys of one mapping, and items of one list, must start in the same column';
}

function lineAt(text: string, at: number): string {
  const from = text.lastIndexOf('\n', at - 1) + 1;
  const to = text.indexOf('\n', at);
  return text.slice(from, to === -1 ? text.length : to).replace(/\r$/, '');
}

/** The last line before this one that is not blank. */
function lineBefore(text: string, at: number): string {
  return (
    text
      .slice(0, text.lastIndexOf('\n', at - 1) + 1)
      .trimEnd()
      .split('\n')
      .at(-1) ?? ''
  );
}
