import { Environment, type Expr, type Filter, literal, type MacroStmt, type Parser, str, type TagParser } from '../jinja/index.ts';

/** The template language as dbt extends it: tags that define macros of a kind, and conversion filters that do nothing in SQL. */
export function language(): Environment {
  return new Environment({
    // dbt renames the macros of a template: only those of macro files can be called by their names.
    macroPrefix: 'dbt_macro__',
    tags: { test: testTag, data_test: testTag, materialization: materializationTag, snapshot: bodyTag, docs: bodyTag },
    filters: [
      ...['as_text', 'as_bool', 'as_native', 'as_number'].map((name): [string, Filter] => [name, (value) => value]),
      ['is_list', (value) => Array.isArray(value)],
    ],
  });
}

/** `{% test is_even(model, column_name) %}` is a macro named `test_is_even`. */
const testTag: TagParser = (parser, tag) => {
  const { name, nameAt } = header(parser);
  const params = parser.parameters();
  return parser.macroStatement(tag, { name: `test_${name}`, nameAt, params });
};

/** `{% materialization name, adapter='x' %}` and `{% materialization name, default %}` are macros named `materialization_name_x`. */
const materializationTag: TagParser = (parser, tag) => {
  const { name, nameAt } = header(parser);
  const options = parser.options();
  const adapter = text(options.get('adapter'));
  return parser.macroStatement(tag, { name: `materialization_${name}_${adapter ?? 'default'}`, nameAt, options });
};

/** A block that is a resource of its own (a snapshot): here only so that a file with one in the wrong place can be read. */
const bodyTag: TagParser = (parser, tag) => {
  const { name, nameAt } = header(parser);
  return parser.macroStatement(tag, { name: `${tag.word}_${name}`, nameAt });
};

function header(parser: Parser): ReturnType<Parser['headerName']> {
  return parser.headerName();
}

function text(e: Expr | undefined): string | undefined {
  const value = e && literal(e);
  return value === undefined ? undefined : str(value);
}

/** The languages a materialization says it supports; `sql` alone by default. Null for other macros. */
export function supportedLanguages(macro: MacroStmt): readonly string[] | null {
  if (macro.tag !== 'materialization') return null;
  const given = macro.options.get('supported_languages');
  const value = given && literal(given);
  return Array.isArray(value) ? value.map(str) : ['sql'];
}
