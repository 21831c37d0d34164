import { type ComponentChild, h } from 'preact';
import type { Markdown as Text } from '../../src/docs/data/types.ts';
import { useLoaded, useSite } from './data.ts';
import { dbtAddress } from './router.ts';
import { summary } from './text.ts';

/** A description. Until the renderer is there, its first sentence as plain text. */
export function Markdown({ text }: { text: Text }) {
  const { data } = useSite();
  const renderer = useLoaded(data, 'markdown', () => import('./micromark.ts'));
  if (renderer.state !== 'ready') return <div class="markdown">{summary(text)}</div>;
  return <div class="markdown">{children(renderer.value.html(text))}</div>;
}

/** Elements that Markdown makes; what is none of them is shown as the text it holds. */
const ALLOWED = new Set('p br hr h1 h2 h3 h4 h5 h6 strong em del code pre blockquote ul ol li table thead tbody tr th td a img input sup section'.split(' '));

/**
 * What an inert copy of the HTML holds, as nodes of ours: elements of the list above with the few attributes that are known below. The renderer has let no HTML
 * of the text through; this is the second fence, and it gives links and pictures the meaning they have on this site.
 */
function children(html: string): ComponentChild[] {
  return nodes(new DOMParser().parseFromString(html, 'text/html').body);
}

function nodes(parent: Node): ComponentChild[] {
  return [...parent.childNodes].map((node) => {
    if (!(node instanceof Element)) return node.textContent;
    const name = node.localName;
    if (!ALLOWED.has(name)) return node.textContent;
    if (name === 'a') return link(node);
    if (name === 'img') return picture(node);
    if (name === 'input') return <input type="checkbox" disabled checked={node.hasAttribute('checked')} aria-label="task" />;
    if (name === 'table') return <div class="scroll">{h('table', null, nodes(node))}</div>;
    // A description stands below the headings of its page.
    const heading = /^h([1-6])$/.exec(name)?.[1];
    if (heading !== undefined) return h(`h${Math.min(6, Number(heading) + 1)}`, null, nodes(node));
    const align = node.getAttribute('align');
    return h(name, align === null ? null : { class: `align-${align}` }, nodes(node));
  });
}

function link(node: Element): ComponentChild {
  const address = addressOf(node.getAttribute('href') ?? '');
  if (address === undefined) return nodes(node);
  if (address.startsWith('#')) return <a href={address}>{nodes(node)}</a>;
  return (
    <a href={address} rel="noopener noreferrer nofollow" target="_blank">
      {nodes(node)}
    </a>
  );
}

/** Where a link of a description leads. Undefined: nowhere. */
function addressOf(href: string): string | undefined {
  if (href.startsWith('#/')) return href;
  return dbtAddress(href) ?? (/^(?:https?:|mailto:)/i.test(href) ? href : undefined);
}

/** Pictures of the site itself are shown; those of other hosts become links, so that reading a description tells nobody. */
function picture(node: Element): ComponentChild {
  const source = node.getAttribute('src') ?? '';
  const name = node.getAttribute('alt') ?? '';
  if (/^data:image\/(?:png|jpeg|gif|webp|svg\+xml);/i.test(source) || /^(?![\w+.-]+:|\/\/)./.test(source))
    return <img src={source} alt={name} loading="lazy" />;
  const address = addressOf(source);
  const text = name === '' ? 'picture' : name;
  if (address === undefined) return text;
  return (
    <a href={address} rel="noopener noreferrer nofollow" target="_blank">
      {text}
    </a>
  );
}
