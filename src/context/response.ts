import { Obj, repr, type Value } from '../jinja/index.ts';
import type { Response } from '../sql/index.ts';

/** What the database said of a statement, as templates see it: prints its message. */
export function responseValue(r: Response): Value {
  return new ResponseValue(r);
}

class ResponseValue extends Obj {
  readonly typeName = 'AdapterResponse';
  private readonly response: Response;
  constructor(response: Response) {
    super();
    this.response = response;
  }
  override attr(name: string): Value | undefined {
    switch (name) {
      case '_message':
      case 'message':
        return this.response.message;
      case 'code':
        return this.response.code ?? null;
      case 'rows_affected':
        return (this.response.code === undefined ? null : this.response.rows) ?? null;
      default:
        return undefined;
    }
  }
  override truthy(): boolean {
    return true;
  }
  override str(): string {
    return this.response.message;
  }
  override repr(): string {
    const { message, code, rows } = this.response;
    return `AdapterResponse(_message=${repr(message)}, code=${repr(code ?? null)}, rows_affected=${repr(code === undefined ? null : (rows ?? null))}, query_id=None)`;
  }
}
