import { entry } from './entry.ts';

const near = (p: { near?: string | undefined }): string | undefined => (p.near === undefined ? undefined : `did you mean \`${p.near}\`?`);

/** Templates: syntax and evaluation. */
export const jinja = {
  'jinja-syntax': entry<{ problem: string }>({
    severity: 'error',
    message: (p) => p.problem,
    explanation: 'The template is not valid Jinja. The place named is where the parser could not go on.',
  }),
  'jinja-unclosed-block': entry<{ tag: string; end: string }>({
    severity: 'error',
    message: (p) => `\`{% ${p.tag} %}\` is never closed`,
    hint: (p) => `add \`{% ${p.end} %}\` where the block should end`,
    explanation:
      'A block such as `{% if %}`, `{% for %}` or `{% macro %}` runs until its end tag, and the file ends before one comes. The place named is the tag that opened the block.',
  }),
  'jinja-unexpected-end': entry<{ tag: string; open?: string | undefined; end?: string | undefined }>({
    severity: 'error',
    message: (p) =>
      p.open === undefined
        ? `\`{% ${p.tag} %}\` closes nothing: no block is open here`
        : `\`{% ${p.tag} %}\` does not belong to \`{% ${p.open} %}\`, the innermost open block`,
    hint: (p) => (p.end === undefined ? undefined : `close it with \`{% ${p.end} %}\` first`),
    explanation:
      'Blocks close in the order opposite to the one they were opened in. Either an end tag is missing or misspelt before the place named, or the tag there is one too many.',
  }),
  'jinja-unknown-tag': entry<{ tag: string; near?: string | undefined }>({
    severity: 'error',
    message: (p) => `there is no tag \`{% ${p.tag} %}\``,
    hint: near,
    explanation:
      'The first word after `{%` names the statement: `set`, `if`, `for`, `macro`, `call`, `do`, ... To call a function, print it with `{{ name() }}` or run it with `{% do name() %}`.',
  }),
  'jinja-unclosed-tag': entry<{ open: string; close: string }>({
    severity: 'error',
    message: (p) => `\`${p.open}\` is never closed`,
    hint: (p) => `close it with \`${p.close}\``,
    explanation:
      'Every `{{`, `{%` and `{#` needs its `}}`, `%}` or `#}` in the same file. To print the characters themselves, write `{% raw %}{{{% endraw %}`.',
  }),
  'jinja-unclosed-string': entry<{ quote: string }>({
    severity: 'error',
    message: (p) => `this string has no closing ${p.quote}`,
    explanation:
      'A string in a template ends at the quote it began with. A quote inside it is written with a backslash before it, or the string is put into the other kind of quotes.',
  }),
  'jinja-unclosed-bracket': entry<{ open: string; close: string; found: string }>({
    severity: 'error',
    message: (p) => `\`${p.open}\` is not closed: expected \`${p.close}\` and found ${p.found}`,
    explanation: 'Parentheses, square brackets and braces come in pairs inside a tag. The notes show where the open one stands.',
  }),
  'jinja-unknown-filter': entry<{ name: string; near?: string | undefined }>({
    severity: 'error',
    message: (p) => `there is no filter \`${p.name}\``,
    hint: near,
    explanation: 'The word after `|` names a filter. Python methods are called with a dot instead: `name.split(",")`.',
  }),
  'jinja-unknown-test': entry<{ name: string; near?: string | undefined }>({
    severity: 'error',
    message: (p) => `there is no test \`${p.name}\``,
    hint: near,
    explanation: 'The word after `is` names a test, such as `defined`, `none` or `string`. To compare two values, use `==`.',
  }),
  'jinja-undefined': entry<{ problem: string; near?: string | undefined }>({
    severity: 'error',
    message: (p) => p.problem,
    hint: near,
    explanation:
      'Something was done with a value that is not there: a misspelt name, an attribute the object does not have, or a macro that does not exist. Printing such a value gives nothing; calling it or reading its attributes is an error.',
  }),
  'jinja-error': entry<{ problem: string }>({
    severity: 'error',
    message: (p) => p.problem,
    explanation:
      'The template is well formed, but evaluating it failed at the place named. The notes list the macro calls that led there, the innermost first.',
  }),
  'jinja-limit': entry<{ problem: string }>({
    severity: 'error',
    message: (p) => p.problem,
    hint: () => 'look for a loop or a macro that never ends',
    explanation:
      'A template may take only so many steps, call macros only so deep and print only so much text, so that a mistake cannot hang a run or fill the memory.',
  }),
  'jinja-block-inside': entry<{ tag: string; inside: string }>({
    severity: 'error',
    message: (p) => `\`{% ${p.tag} %}\` stands inside \`{% ${p.inside} %}\`; it is read only at the top level of a file`,
    hint: (p) => `move the block out of the \`${p.inside}\``,
    explanation:
      'Macros, tests, snapshots, docs and materializations are found by reading the file, not by running it: a condition or loop around them has no effect and is refused.',
  }),
};
