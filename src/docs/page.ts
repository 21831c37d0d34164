import type { CatalogTable } from '../report/index.ts';
import type { Manifest, Resource } from '../resolve/index.ts';

/** A page that lists the project: every node with its description, columns, and links to what it needs and what needs it. One file, no scripts, no network. */
export function docsPage(m: Manifest, tables: readonly CatalogTable[]): string {
  const known = new Map(tables.map((t) => [`${t.relation.schema}.${t.relation.identifier}`.toLowerCase(), t]));
  const all = [m.sources, m.nodes, m.exposures]
    .flatMap((c): Resource[] => [...c.values()])
    .filter((r) => !['test', 'operation', 'sql_operation', 'analysis'].includes(r.resource_type));
  const groups = new Map<string, Resource[]>();
  for (const r of all.sort((a, b) => (title(a) < title(b) ? -1 : 1))) groups.set(r.resource_type, [...(groups.get(r.resource_type) ?? []), r]);
  const listed = new Set(all.map((r) => r.unique_id));
  const name = escaped(m.project.root.name);
  const nav = [...groups]
    .map(([type, list]) => `<h2>${escaped(type)}s</h2><ul>${list.map((r) => `<li>${link(r.unique_id, title(r))}</li>`).join('')}</ul>`)
    .join('');
  const body = [...groups.values()]
    .flat()
    .map((r) => article(m, r, known, listed))
    .join('');
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${name}</title><style>${STYLE}</style></head><body><nav><h1>${name}</h1>${nav}</nav><main>${overview(m)}${body}</main></body></html>\n`;
}

const STYLE =
  'body{margin:0;display:flex;font:15px/1.5 system-ui,sans-serif;color:#1c2430}nav{flex:0 0 17em;height:100vh;overflow:auto;position:sticky;top:0;padding:0 1em;background:#f4f6f8;box-sizing:border-box}' +
  'nav ul{list-style:none;padding:0;margin:0}nav h2{font-size:.8em;text-transform:uppercase;color:#5a6675;margin:1.2em 0 .2em}main{padding:0 2em;max-width:60em}article{border-top:1px solid #d8dee6;padding:.5em 0 1em}' +
  'a{color:#0b5fa5;text-decoration:none}a:hover{text-decoration:underline}table{border-collapse:collapse}td,th{border-bottom:1px solid #e3e8ee;padding:.2em 1em .2em 0;text-align:left;vertical-align:top}' +
  'code,pre{font:13px/1.45 ui-monospace,monospace}pre{background:#f4f6f8;padding:.8em;overflow:auto}small{color:#5a6675}';

function overview(m: Manifest): string {
  for (const doc of m.docs.values())
    if (doc.name === '__overview__' && doc.package_name === m.project.root.name) return `<section>${paragraphs(doc.block_contents)}</section>`;
  return '';
}

function article(m: Manifest, r: Resource, known: ReadonlyMap<string, CatalogTable>, listed: ReadonlySet<string>): string {
  const id = r.unique_id;
  const links = (ids: readonly string[]) =>
    ids
      .filter((i) => listed.has(i))
      .map((i) => link(i, i.split('.').slice(2).join('.')))
      .join(', ');
  const needs = links(m.parents.get(id) ?? []);
  const below = m.children.get(id) ?? [];
  const uses = links(below);
  const tests = below.filter((i) => i.startsWith('test.') || i.startsWith('unit_test.')).length;
  const facts = [
    'relation_name' in r && r.relation_name ? `<code>${escaped(r.relation_name)}</code>` : '',
    escaped(r.original_file_path),
    tests > 0 ? `${tests} test${tests === 1 ? '' : 's'}` : '',
  ].filter((f) => f !== '');
  return `<article id="${escaped(id)}"><h3>${escaped(title(r))} <small>${escaped(String(r.config['materialized'] ?? r.resource_type))}</small></h3><small>${facts.join(' · ')}</small>${
    'description' in r && r.description !== '' ? paragraphs(r.description) : ''
  }${needs === '' ? '' : `<p>needs ${needs}</p>`}${uses === '' ? '' : `<p>used by ${uses}</p>`}${columnsTable(r, known)}${code(r)}</article>`;
}

function columnsTable(r: Resource, known: ReadonlyMap<string, CatalogTable>): string {
  if (!('columns' in r)) return '';
  const relation = 'identifier' in r ? r.identifier : r.alias;
  const found = known.get(`${r.schema}.${relation}`.toLowerCase());
  const described = new Map(Object.values(r.columns).map((c) => [c.name.toLowerCase(), c]));
  const rows = found
    ? found.columns.map((c) => ({ name: c.name, type: c.type, text: described.get(c.name.toLowerCase())?.description ?? '' }))
    : [...described.values()].map((c) => ({ name: c.name, type: c.data_type ?? '', text: c.description }));
  if (rows.length === 0) return '';
  return `<table><tr><th>column</th><th>type</th><th></th></tr>${rows.map((c) => `<tr><td><code>${escaped(c.name)}</code></td><td>${escaped(c.type)}</td><td>${escaped(c.text)}</td></tr>`).join('')}</table>`;
}

function code(r: Resource): string {
  return 'raw_code' in r && r.raw_code !== '' ? `<details><summary>code</summary><pre>${escaped(r.raw_code)}</pre></details>` : '';
}

function title(r: Resource): string {
  return r.resource_type === 'source' ? `${r.source_name}.${r.name}` : r.name;
}

function link(id: string, text: string): string {
  return `<a href="#${escaped(id)}">${escaped(text)}</a>`;
}

function paragraphs(text: string): string {
  return text
    .trim()
    .split(/\n\s*\n/)
    .map((p) => `<p>${escaped(p)}</p>`)
    .join('');
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c] ?? c);
}
