/** Text that is markup already. Only {@link html} makes it, so that everything else is escaped. */
export class Markup {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

type Piece = string | number | Markup | readonly Markup[];

/** Markup with values in it: texts and numbers are escaped, markup goes in as it is. Attributes must stand in quotes. */
export function html(parts: TemplateStringsArray, ...values: readonly Piece[]): Markup {
  return new Markup(parts.reduce((text, part, i) => text + pieceText(values[i - 1] ?? '') + part));
}

function pieceText(value: Piece): string {
  if (value instanceof Markup) return value.text;
  return typeof value === 'string' || typeof value === 'number' ? escaped(String(value)) : value.map((m) => m.text).join('');
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** A text that stands for itself in HTML and XML, also in quoted attributes. Characters that XML cannot hold become U+FFFD. */
export function escaped(text: string): string {
  return text
    .replace(/\p{Surrogate}/gu, '\ufffd')
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u0084\u0086-\u009f\ufffe\uffff]/g, '\ufffd')
    .replace(/[&<>"']/g, (c) => ENTITIES[c] ?? c);
}
