import { span } from '../text/index.ts';
import type { Body, Print, Stmt, Text } from './ast.ts';
import { printer, returnCall, shown } from './buffers.ts';
import { plain } from './compile.ts';
import type { PlainBody } from './macro.ts';
import { NORMAL } from './runtime.ts';
import type { Context, Plain } from './unit.ts';
import { fetch, slotOf } from './variables.ts';

/** A statement that prints and cannot end the body it stands in. */
export type Output = Text | Print;

/** The statements of a body, with neighbours that only print put together; `excluded` ones stay by themselves. */
export function runs(body: Body, excluded: (stmt: Stmt) => boolean = () => false): (Stmt | Output[])[] {
  const out: (Stmt | Output[])[] = [];
  let open: Output[] | undefined;
  for (const stmt of body) {
    if (!isOutput(stmt) || excluded(stmt)) {
      open = undefined;
      out.push(stmt);
    } else if (open === undefined) out.push((open = [stmt]));
    else open.push(stmt);
  }
  return out;
}

/** Whether a statement only prints. The call `return(x)` may end the body. */
function isOutput(stmt: Stmt): stmt is Output {
  return stmt.kind === 'text' || (stmt.kind === 'print' && returnCall(stmt.value) === undefined);
}

/**
 * Compiles neighbouring texts and `{{ }}` to one step. Evaluating an expression never touches the output of its own activation, so the text is put
 * together outside of it. Activations that draw a map or collect values take the statements one by one.
 */
export function outputRun(stmts: readonly Output[], cx: Context): PlainBody {
  const { before, prints, after } = split(stmts);
  const slots = prints.map((p) => slotOf(p.value, cx));
  const values = prints.map((p) => plain(p.value, cx));
  const { escape: escaping } = cx;
  let steps: readonly PlainBody[] | undefined;
  const exactly: PlainBody = (a) => {
    steps ??= singly(stmts, values, cx);
    for (const step of steps) step(a);
    return NORMAL;
  };
  if (prints.length === 0) {
    return (a) => {
      if (a.map !== undefined || a.pieces !== undefined) return exactly(a);
      a.out += after;
      return NORMAL;
    };
  }
  return (a) => {
    if (a.map !== undefined || a.pieces !== undefined) return exactly(a);
    const { run } = a.world;
    let { out } = a;
    for (let i = 0; i < values.length; i++) {
      const value = fetch(a, slots[i] as number, values[i] as Plain);
      a.at = (prints[i] as Print).value;
      const text = typeof value === 'string' && !escaping ? value : shown(value, escaping);
      run.print(text.length);
      out += before[i] + text;
    }
    a.out = out + after;
    return NORMAL;
  };
}

/** One step for each statement; `values` are the expressions of those that have one. */
function singly(stmts: readonly Output[], values: readonly Plain[], cx: Context): PlainBody[] {
  let i = 0;
  return stmts.map((stmt) => (stmt.kind === 'text' ? text(stmt, cx) : print(stmt, values[i++] as Plain, cx)));
}

function text(stmt: Text, cx: Context): PlainBody {
  const { text: out } = stmt;
  const at = span(cx.unit.file, stmt.start, stmt.end);
  const { macro } = cx;
  return (a) => {
    if (a.map !== undefined) a.map.add(a.out.length, at, true, macro);
    if (a.pieces !== undefined) a.pieces.push(out);
    else a.out += out;
    return NORMAL;
  };
}

function print(stmt: Print, value: Plain, cx: Context): PlainBody {
  const show = printer(stmt, stmt.value, stmt.value.kind === 'call', cx);
  return (a) => {
    show(a, value(a));
    return NORMAL;
  };
}

/** The expressions, the text before each of them, and the text after the last. */
function split(stmts: readonly Output[]): { readonly before: readonly string[]; readonly prints: readonly Print[]; readonly after: string } {
  const before: string[] = [];
  const prints: Print[] = [];
  let text = '';
  for (const stmt of stmts) {
    if (stmt.kind === 'text') text += stmt.text;
    else {
      before.push(text);
      prints.push(stmt);
      text = '';
    }
  }
  return { before, prints, after: text };
}
