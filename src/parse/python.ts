/**
 * The calls `dbt.ref(...)`, `dbt.source(...)` and `dbt.config(...)` of a Python model, as a template that makes the same calls. Their arguments
 * must be literals, and Python's literals are Jinja's; anything else in the model is Python's affair. Each call stays on its line.
 */
export function templateOfPython(code: string): string {
  let out = '';
  for (let at = 0; at < code.length; ) {
    const token = /#[^\n]*|[rbfRBF]{0,2}("""|'''|"|')|\bdbt\s*\.\s*(ref|source|config)\s*(?=\()/g;
    token.lastIndex = at;
    const m = token.exec(code);
    if (!m) break;
    at = token.lastIndex;
    if (m[1] !== undefined) at = afterString(code, at, m[1]);
    else if (m[2] !== undefined) {
      const end = afterCall(code, at);
      out += '\n'.repeat(Math.max(0, lines(code.slice(0, m.index)) - lines(out)));
      out += `{{ ${m[2]}${code.slice(at, end)} }}`;
      at = end;
    }
  }
  return out;
}

function lines(text: string): number {
  return text.split('\n').length;
}

/** The offset after the string whose text begins at `at`; an unfinished one ends the code. */
function afterString(code: string, at: number, quote: string): number {
  for (let i = at; i < code.length; i++) {
    if (code[i] === '\\') i++;
    else if (code.startsWith(quote, i)) return i + quote.length;
  }
  return code.length;
}

/** The offset after the parenthesis that closes the one at `at`. */
function afterCall(code: string, at: number): number {
  let depth = 0;
  for (let i = at; i < code.length; ) {
    const ch = code[i] as string;
    if (ch === '"' || ch === "'") {
      const quote = code.startsWith(ch.repeat(3), i) ? ch.repeat(3) : ch;
      i = afterString(code, i + quote.length, quote);
      continue;
    }
    if ('([{'.includes(ch)) depth++;
    if (')]}'.includes(ch) && --depth === 0) return i + 1;
    i++;
  }
  return code.length;
}
