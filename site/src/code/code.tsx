import { Fragment, type VNode } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { to } from '../router.ts';
import { type Language, lex, type Token } from './lex.ts';
import { type Names, references } from './links.ts';

const NOTHING: Names = { parents: [], macros: [] };

/** Code with its colours, line numbers, and links where its names lead. */
export function Code({ code, language = 'sql', names = NOTHING, label }: { code: string; language?: Language; names?: Names; label: string }) {
  const text = code.replace(/\s+$/, '');
  const lines = useMemo(() => drawn(lex(text, language), names), [text, language, names]);
  return (
    <div class="code">
      <Copy text={code} />
      <pre tabIndex={0} role="region" aria-label={label}>
        <code>
          {lines.map((line, n) => (
            <span class="line" key={n}>
              {line}
              {'\n'}
            </span>
          ))}
        </code>
      </pre>
    </div>
  );
}

function Copy({ text }: { text: string }) {
  const [done, set] = useState(false);
  if (navigator.clipboard === undefined) return null;
  const copy = () => navigator.clipboard.writeText(text).then(() => set(true));
  return (
    <button type="button" class="copy" onClick={copy} onBlur={() => set(false)}>
      {done ? 'Copied' : 'Copy'}
    </button>
  );
}

type Line = VNode[];

/** The tokens as lines: a token with line breaks is cut, a link is drawn where it begins. */
function drawn(tokens: readonly Token[], names: Names): readonly Line[] {
  const lines: Line[] = [[]];
  const found = new Map(references(tokens, names).map((r) => [r.first, r]));
  for (let i = 0; i < tokens.length; i++) {
    const reference = found.get(i);
    if (reference) {
      const inner = tokens.slice(i, reference.last + 1).map(piece);
      lines.at(-1)?.push(<a href={to(reference.page, reference.id)}>{inner}</a>);
      i = reference.last;
      continue;
    }
    const token = tokens[i];
    if (token === undefined) continue;
    token.text.split('\n').forEach((text, n) => {
      if (n > 0) lines.push([]);
      if (text !== '') lines.at(-1)?.push(piece({ ...token, text }, i));
    });
  }
  return lines;
}

function piece(token: Token, key: number): VNode {
  const kind = token.kind === 'text' || token.kind === 'name' || token.kind === 'operator' ? '' : `t-${token.kind}`;
  if (kind === '' && !token.template) return <Fragment key={key}>{token.text}</Fragment>;
  return (
    <span key={key} class={`${kind}${token.template ? ' t-template' : ''}`}>
      {token.text}
    </span>
  );
}
