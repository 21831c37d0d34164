import { Dict, iterate, Obj, PyError, signature, str, Tuple, type Value } from '../jinja/index.ts';
import type { Response } from '../sql/index.ts';
import { native } from './base.ts';
import { responseValue } from './response.ts';
import { emptyTable, Table } from './table.ts';

/** The results of a template's statements, by name: what `statement` keeps and `load_result` gives. */
export class StatementResults {
  private readonly kept = new Map<string, Value>();

  /** The members of a template that keep and give results. */
  member(name: string): Value | undefined {
    switch (name) {
      case 'store_result':
        return native(signature(name, 0, 'name', 'response', 'agate_table='), ([key, response, table]) =>
          this.store(str(key as Value), response as Value, table ?? null),
        );
      case 'store_raw_result':
        return native(signature(name, 0, 'name', 'message=', 'code=', 'rows_affected=', 'agate_table='), ([key, message, code, rows, table]) =>
          this.store(str(key as Value), responseValue(rawResponse(message, code, rows)), table ?? null),
        );
      case 'load_result':
        return native(signature(name, 0, 'name'), ([key]) => this.load(str(key as Value)));
      case '_sql_results':
        return new Dict(this.kept);
      default:
        return undefined;
    }
  }

  /** What the statement of a name has answered, or undefined. Does not use the result up. */
  peek(name: string): Dict | undefined {
    const found = this.kept.get(name);
    return found instanceof Dict ? found : undefined;
  }

  /** Keeps a result as `store_result` does; without a table it has an empty one. */
  keep(name: string, response: Response, table: Value): void {
    this.store(name, responseValue(response), table);
  }

  private store(name: string, response: Value, given: Value): Value {
    const table = given ?? emptyTable();
    const data = table instanceof Table ? table.values.map((row): Value => new Tuple([...row])) : [];
    this.kept.set(
      name,
      new Dict([
        ['response', response],
        ['data', data],
        ['table', table],
      ]),
    );
    return '';
  }

  /** A result can be loaded once, save `main`, which is the node's own. */
  private load(name: string): Value {
    const found = this.kept.get(name);
    if (found === undefined) return null;
    if (name === 'main') return found;
    if (found === null) throw new PyError('MacroResultAlreadyLoadedError', `The 'statement' result named '${name}' has already been loaded into a variable`);
    this.kept.set(name, null);
    return found;
  }
}

function rawResponse(message: Value | undefined, code: Value | undefined, rows: Value | undefined): Response {
  return {
    message: message === undefined || message === null ? '' : str(message),
    ...(code !== undefined && code !== null && { code: str(code) }),
    ...(typeof rows === 'number' && { rows }),
  };
}

/** The response that a template kept for a statement, as data. */
export function responseOf(result: Dict): Response {
  const response = result.get('response');
  if (!(response instanceof Obj)) return { message: response === undefined || response === null ? '' : str(response) };
  const code = response.attr('code');
  const rows = response.attr('rows_affected');
  return rawResponse(response.attr('_message') ?? response.str(), code, rows);
}

/** The items of a list that a template returned, or undefined where it is no list. */
export function listItems(value: Value | undefined): Value[] | undefined {
  return Array.isArray(value) ? value : value instanceof Obj && value.iterate() !== undefined ? [...iterate(value)] : undefined;
}
