import { useEffect, useRef } from 'preact/hooks';
import type { Column, ColumnsFile, Constraint, NodePage, TestRow } from '../../../src/docs/data/types.ts';
import { useLoaded, useSite } from '../data.ts';
import { Markdown } from '../markdown.tsx';
import { Icon, Mark } from '../parts/icon.tsx';
import { title } from '../parts/tests.tsx';
import { to } from '../router.ts';

/** The columns of a node: name, type, what it means, what is tested, where it comes from. `wanted`: one to be shown. */
export function Columns({ page, wanted }: { page: NodePage; wanted: string | undefined }) {
  const { data } = useSite();
  const edges = useLoaded<ColumnsFile>(data, `columns:${page.id}`, () =>
    data.index.shards.columns === 0 ? Promise.resolve(EMPTY) : data.shard('columns', page.id),
  );
  const traced = edges.state === 'ready' ? edges.value.nodes[page.id] : undefined;
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Columns">
      <table class="table columns">
        <thead>
          <tr>
            <th scope="col">Column</th>
            <th scope="col">Type</th>
            <th scope="col">About</th>
            <th scope="col">Tests</th>
          </tr>
        </thead>
        <tbody>
          {page.columns.map((column) => (
            <ColumnRow key={column.name} page={page} column={column} wanted={column.name === wanted} traced={traced?.[column.name] !== undefined} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

const EMPTY: ColumnsFile = { nodes: {} };

function ColumnRow({ page, column, wanted, traced }: { page: NodePage; column: Column; wanted: boolean; traced: boolean }) {
  const element = useRef<HTMLTableRowElement>(null);
  useEffect(() => {
    if (wanted) element.current?.scrollIntoView({ block: 'center' });
  }, [wanted]);
  const tests = page.tests.filter((t) => column.tests?.includes(t.id));
  const isKey = page.primaryKey?.includes(column.name);
  return (
    <tr ref={element} {...(wanted && { class: 'wanted' })}>
      <th scope="row">
        {traced ? (
          <a class="mono trace" href={to('lineage', page.id, { column: column.name })} title="Where it comes from, and where it goes">
            {column.name}
            <Icon name="lineage" size={13} />
            <span class="unseen">lineage</span>
          </a>
        ) : (
          <span class="mono">{column.name}</span>
        )}
        {isKey && <span class="chip chip-small">key</span>}
        {column.missing && <span class="chip chip-small chip-warn">not in the table</span>}
      </th>
      <td class="mono quiet">
        {column.type?.toLowerCase()}
        {column.declaredType !== undefined && <span class="block">declared {column.declaredType.toLowerCase()}</span>}
      </td>
      <td>
        {column.description !== undefined && <Markdown text={column.description} />}
        {column.constraints && (
          <ul class="constraints">
            {column.constraints.map((c) => (
              <ConstraintLine key={JSON.stringify(c)} constraint={c} />
            ))}
          </ul>
        )}
        {(column.tags?.length ?? 0) > 0 && <p class="quiet">{column.tags?.join(', ')}</p>}
      </td>
      <td>
        <ColumnTests tests={tests} />
      </td>
    </tr>
  );
}

function ColumnTests({ tests }: { tests: readonly TestRow[] }) {
  if (tests.length === 0) return null;
  return (
    <ul class="plain-list">
      {tests.map((t) => (
        <li key={t.id} class="nowrap">
          <Mark health={t.health} /> <a href={to('test', t.id)}>{t.column === undefined ? title(t) : t.kind}</a>
        </li>
      ))}
    </ul>
  );
}

/** A constraint as one reads it. */
export function ConstraintLine({ constraint: c }: { constraint: Constraint }) {
  return (
    <li>
      <b>{c.type.replaceAll('_', ' ')}</b> {c.columns && <code>{c.columns.join(', ')}</code>} {c.expression !== undefined && <code>{c.expression}</code>}
      {c.to !== undefined && (
        <>
          {' to '}
          <code>
            {c.to}
            {c.toColumns && ` (${c.toColumns.join(', ')})`}
          </code>
        </>
      )}
      {c.name !== undefined && <span class="quiet"> {c.name}</span>}
    </li>
  );
}
