import type { ComponentChildren } from 'preact';
import type { Freshness, Json, NodePage, Owner, Row } from '../../../src/docs/data/types.ts';
import { Code } from '../code/code.tsx';
import { useSite } from '../data.ts';
import { Ago, Facts } from '../parts/basics.tsx';
import { Mark } from '../parts/icon.tsx';
import { to } from '../router.ts';
import { bytes, duration } from '../text.ts';

/** What stands beside a node's page: where it lives, whose it is, how large. */
export function NodeFacts({ page, row }: { page: NodePage; row: Row | undefined }) {
  const owner = page.owner ?? useSite().data.index.groups.find((g) => g.name === row?.group)?.owner;
  return (
    <>
      <Facts
        facts={[
          ['Relation', page.relation !== undefined && <code class="break">{page.relation}</code>],
          ['Table', page.table?.type],
          ['Rows', row?.rows?.toLocaleString('en')],
          ['Size', row?.bytes !== undefined && bytes(row.bytes)],
          ['Key', page.primaryKey && page.primaryKey.length > 0 && <code>{page.primaryKey.join(', ')}</code>],
          ['Owner', owner ? <OwnerText owner={owner} /> : row?.owner],
          ['Group', row?.group !== undefined && <a href={to('models', '', { by: 'group', in: row.group })}>{row.group}</a>],
          ['Access', row?.type === 'model' && (row.access ?? 'protected')],
          ['Contract', page.contract && 'enforced'],
          ['Version', row?.version !== undefined && <Versions page={page} />],
          ['Loader', page.source?.loader],
          ['Last run', page.runs?.[0] && <Ago at={page.runs[0].at} />],
          ['File', row && <span class="mono break">{row.file}</span>],
          ['Described in', page.patchFile !== undefined && page.patchFile !== row?.file && <span class="mono break">{page.patchFile}</span>],
          ['Package', row?.package],
          ['Id', <span class="mono break">{page.id}</span>],
        ]}
      />
      {page.table && page.table.stats.length > 0 && <Facts facts={page.table.stats.map((s) => [s.label, String(s.value)] as const)} />}
    </>
  );
}

function Versions({ page }: { page: NodePage }) {
  return (
    <ul class="plain-list">
      {page.versions?.map((v) => (
        <li key={v.id}>
          {v.id === page.id ? <b>{v.version}</b> : <a href={to('node', v.id)}>{v.version}</a>}
          {v.latest && <span class="quiet"> latest</span>}
        </li>
      ))}
    </ul>
  );
}

/** Who owns something, with the ways to reach them. */
export function OwnerText({ owner }: { owner: Owner }) {
  return (
    <>
      {owner.name}
      {owner.email?.map((address) => (
        <span key={address} class="block break">
          <a href={`mailto:${encodeURIComponent(address).replace(/%40/g, '@')}`}>{address}</a>
        </span>
      ))}
      {owner.other &&
        Object.entries(owner.other).map(([key, value]) => (
          <span key={key} class="block break quiet">
            {key}: {typeof value === 'string' ? value : JSON.stringify(value)}
          </span>
        ))}
    </>
  );
}

/** An exposure's kind, maturity and place. */
export function ExposureFacts({ page }: { page: NodePage }) {
  const { exposure } = page;
  return (
    <Facts
      facts={[
        ['Kind', exposure?.type],
        ['Label', exposure?.label],
        ['Maturity', exposure?.maturity],
        ['Address', exposure?.url !== undefined && <Outside url={exposure.url} />],
        ['Owner', page.owner && <OwnerText owner={page.owner} />],
      ]}
    />
  );
}

/** An address from the project: a link only where it leads to the web. */
export function Outside({ url }: { url: string }): ComponentChildren {
  if (!/^https?:\/\//i.test(url)) return <span class="break">{url}</span>;
  return (
    <a class="break" href={url} rel="noopener noreferrer nofollow" target="_blank">
      {url}
    </a>
  );
}

const FRESH = { pass: 'fresh', warn: 'late', fail: 'too old', skip: 'not checked', none: 'never checked' } as const;

export function FreshnessFacts({ freshness: f }: { freshness: Freshness }) {
  return (
    <Facts
      facts={[
        [
          'State',
          <>
            <Mark health={f.health} word="" /> {FRESH[f.health]}
          </>,
        ],
        ['Age', f.age !== undefined && duration(f.age)],
        ['Newest row', f.maxLoadedAt !== undefined && <Ago at={f.maxLoadedAt} />],
        ['Checked', f.checkedAt !== undefined && <Ago at={f.checkedAt} />],
        ['Warns after', f.warnAfter],
        ['Fails after', f.errorAfter],
        ['Filter', f.filter !== undefined && <code>{f.filter}</code>],
      ]}
    />
  );
}

/** Structured settings: texts and numbers as facts, what has parts as JSON. */
export function Definition({ value }: { value: { readonly [key: string]: Json } }) {
  const simple = Object.entries(value).filter(([, v]) => typeof v !== 'object' || v === null);
  const rest = Object.entries(value).filter(([, v]) => typeof v === 'object' && v !== null);
  return (
    <>
      <Facts facts={simple.map(([name, v]) => [name, <span class="mono break">{String(v)}</span>] as const)} />
      {rest.map(([name, v]) => (
        <div key={name} class="definition">
          <h3>{name}</h3>
          {Array.isArray(v) && v.every((item) => typeof item === 'string') ? (
            <p class="mono break">{v.join(', ')}</p>
          ) : (
            <Code code={JSON.stringify(v, null, 2)} language="json" label={name} />
          )}
        </div>
      ))}
    </>
  );
}
