import { micromark } from 'micromark';
import { gfm, gfmHtml } from 'micromark-extension-gfm';

/**
 * Markdown as HTML, for an inert document only: HTML in the text is shown as text. Addresses are let through as they are; `markdown.tsx`, which makes the
 * elements, decides which of them lead somewhere.
 */
export function html(text: string): string {
  return micromark(text, { extensions: [gfm()], htmlExtensions: [gfmHtml()], allowDangerousHtml: false, allowDangerousProtocol: true });
}
