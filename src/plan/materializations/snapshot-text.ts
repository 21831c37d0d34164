/** The names of the columns that a snapshot adds. */
export interface MetaColumns {
  readonly validFrom: string;
  readonly validTo: string;
  readonly scdId: string;
  readonly updatedAt: string;
  readonly isDeleted: string;
}

/** How versions are told apart. All texts are SQL expressions. */
export interface Strategy {
  readonly keys: readonly string[];
  readonly keyList: boolean;
  readonly updatedAt: string;
  /** True for a row of `source_data` that is another version than its match in `snapshotted_data`. */
  readonly rowChanged: string;
  readonly hardDeletes: 'ignore' | 'invalidate' | 'new_record';
  readonly now: string;
  /** What open versions carry in valid_to; null: NULL. */
  readonly current: string | null;
}

/** dbt's hash of a version, to the byte: existing tables are full of them. */
const hash = (parts: readonly string[]): string => `md5(${parts.map((p) => `coalesce(cast(${p} as varchar ), '')`).join(` || '|' || `)})`;

const scdId = (s: Strategy): string => hash([...s.keys, s.updatedAt]);

// Typed as the time it ends at, whatever type that is: NULL, or the value of open versions.
const openEnd = (s: Strategy, m: MetaColumns): string => `coalesce(nullif(${s.updatedAt}, ${s.updatedAt}), ${s.current ?? 'null'}) as ${m.validTo}`;

/** The query of the snapshot's first table. */
export function firstSql(s: Strategy, m: MetaColumns, sql: string): string {
  const deleted = s.hardDeletes === 'new_record' ? `,\n  'False' as ${m.isDeleted}` : '';
  return `select *,\n  ${scdId(s)} as ${m.scdId},\n  ${s.updatedAt} as ${m.updatedAt},\n  ${s.updatedAt} as ${m.validFrom},\n  ${openEnd(s, m)}${deleted}\nfrom (\n${sql}\n) sbq`;
}

/**
 * The query of the staging table: what to insert, and which open versions to end (`dbt_change_type` insert, update, delete). `deleted` are
 * the row's own columns for a version that says "deleted", from the table where it has them.
 */
export function stagingSql(s: Strategy, m: MetaColumns, target: string, sql: string, deleted: readonly string[] | undefined): string {
  const record = s.hardDeletes === 'new_record';
  const deletes = s.hardDeletes !== 'ignore';
  const key = (side: string, i: number): string => `${side}.${keyName(s, i)}`;
  const fields = s.keys.map((k, i) => `${k} as ${keyName(s, i)}`).join(', ');
  const joined = s.keys.map((_, i) => `${key('snapshotted_data', i)} = ${key('source_data', i)}`).join(' and ');
  const open = s.current === null ? `${m.validTo} is null` : `(${m.validTo} = ${s.current} or ${m.validTo} is null)`;
  const changed = record ? `${s.rowChanged} or snapshotted_data.${m.isDeleted} = 'True'` : s.rowChanged;
  const isDeleted = (value: string): string => (record ? `, ${value}` : '');
  const lastSaysDeleted = `not (snapshotted_data.${m.isDeleted} = 'True' and snapshotted_data.${m.validTo} ${s.current === null ? 'is null' : `= ${s.current}`})`;
  const gone = `${key('source_data', 0)} is null${record ? `\n    and ${lastSaysDeleted}` : ''}`;
  const parts: [string, string][] = [
    ['snapshot_query', sql],
    ['snapshotted_data', `  select *, ${fields}\n  from ${target}\n  where ${open}`],
    [
      'insertions_source_data',
      `  select *, ${fields},\n    ${s.updatedAt} as ${m.updatedAt},\n    ${s.updatedAt} as ${m.validFrom},\n    ${openEnd(s, m)},\n    ${scdId(s)} as ${m.scdId}\n  from snapshot_query`,
    ],
    [
      'updates_source_data',
      `  select *, ${fields},\n    ${s.updatedAt} as ${m.updatedAt},\n    ${s.updatedAt} as ${m.validFrom},\n    ${s.updatedAt} as ${m.validTo}\n  from snapshot_query`,
    ],
  ];
  if (deletes) parts.push(['deletes_source_data', `  select *, ${fields}\n  from snapshot_query`]);
  parts.push([
    'insertions',
    `  select 'insert' as dbt_change_type, source_data.*${isDeleted(`'False' as ${m.isDeleted}`)}\n  from insertions_source_data as source_data\n  left outer join snapshotted_data on ${joined}\n` +
      `  where ${key('snapshotted_data', 0)} is null\n    or (${key('snapshotted_data', 0)} is not null and (${changed}))`,
  ]);
  parts.push([
    'updates',
    `  select 'update' as dbt_change_type, source_data.*, snapshotted_data.${m.scdId}${isDeleted(`snapshotted_data.${m.isDeleted}`)}\n  from updates_source_data as source_data\n` +
      `  join snapshotted_data on ${joined}\n  where (${changed})`,
  ]);
  if (deletes) {
    parts.push([
      'deletes',
      `  select 'delete' as dbt_change_type, source_data.*, ${s.now} as ${m.validFrom}, ${s.now} as ${m.updatedAt}, ${s.now} as ${m.validTo}, snapshotted_data.${m.scdId}${isDeleted(`snapshotted_data.${m.isDeleted}`)}\n` +
        `  from snapshotted_data\n  left join deletes_source_data as source_data on ${joined}\n  where ${gone}`,
    ]);
  }
  if (record) {
    const keys = s.keys.map((_, i) => `${key('snapshotted_data', i)} as ${keyName(s, i)}`);
    const row = [
      ...(deleted ?? []),
      ...keys,
      `${s.now} as ${m.validFrom}`,
      `${s.now} as ${m.updatedAt}`,
      `snapshotted_data.${m.validTo} as ${m.validTo}`,
      `${hash([m.scdId, s.now])} as ${m.scdId}`,
      `'True' as ${m.isDeleted}`,
    ];
    parts.push([
      'deletion_records',
      `  select 'insert' as dbt_change_type, ${row.join(', ')}\n  from snapshotted_data\n  left join deletes_source_data as source_data on ${joined}\n  where ${gone}`,
    ]);
  }
  const results = parts.map(([name]) => name).filter((n) => ['insertions', 'updates', 'deletes', 'deletion_records'].includes(n));
  return `with ${parts.map(([name, body]) => `${name} as (\n${body}\n)`).join(', ')}\n${results.map((n) => `select * from ${n}`).join('\nunion all\n')}`;
}

const keyName = (s: Strategy, i: number): string => (s.keyList ? `dbt_unique_key_${i + 1}` : 'dbt_unique_key');
