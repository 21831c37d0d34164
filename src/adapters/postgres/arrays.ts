import type { Value } from '../../jinja/index.ts';

/** The elements of an array as the server prints it (`{1,NULL,{"a b"}}`, with or without bounds in front), made from their texts by `read`. */
export function readArray(text: string, read: (element: string) => Value): Value[] {
  const reader = new ArrayReader(text, read);
  return reader.array();
}

class ArrayReader {
  private readonly text: string;
  private readonly read: (element: string) => Value;
  private at: number;

  constructor(text: string, read: (element: string) => Value) {
    this.text = text;
    this.read = read;
    // Bounds that do not begin at 1 stand in front: `[2:3]={1,2}`.
    this.at = text.indexOf('{');
  }

  array(): Value[] {
    const out: Value[] = [];
    this.at++;
    while (this.at < this.text.length && this.text[this.at] !== '}') {
      out.push(this.element());
      if (this.text[this.at] === ',') this.at++;
    }
    this.at++;
    return out;
  }

  private element(): Value {
    const { text } = this;
    if (text[this.at] === '{') return this.array();
    if (text[this.at] === '"') return this.read(this.quoted());
    const start = this.at;
    while (this.at < text.length && text[this.at] !== ',' && text[this.at] !== '}') this.at++;
    const word = text.slice(start, this.at);
    return word === 'NULL' ? null : this.read(word);
  }

  private quoted(): string {
    let out = '';
    for (this.at++; this.at < this.text.length && this.text[this.at] !== '"'; this.at++) {
      if (this.text[this.at] === '\\') this.at++;
      out += this.text[this.at] ?? '';
    }
    this.at++;
    return out;
  }
}
