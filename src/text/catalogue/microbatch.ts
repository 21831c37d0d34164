import { entry } from './entry.ts';

/** What can be wrong with models that are built batch by batch. */
export const microbatch = {
  'microbatch-config': entry<{ node: string; key: string; problem: string; hint?: string }>({
    severity: 'error',
    message: (p) => `the microbatch model \`${p.node}\` ${p.problem}`,
    hint: (p) => p.hint,
    explanation:
      'A model with `incremental_strategy: microbatch` is built in batches of time. It needs `event_time` (the column that says when a row happened), `begin` (the time of the first batch) and `batch_size` (hour, day, month or year). `lookback` is a whole number of batches that every run builds again, `concurrent_batches` is true or false.',
  }),
  'microbatch-input': entry<{ node: string }>({
    severity: 'warning',
    message: (p) => `the microbatch model \`${p.node}\` has no input with an \`event_time\`, so every batch reads all rows`,
    hint: () => 'set `event_time` for the model, seed or source that it reads',
    explanation:
      'A batch reads only the rows of its window from inputs that say, with `event_time`, which of their columns is the time of a row. An input without it is read as a whole each time: right for small tables of names, slow for events.',
  }),
  'microbatch-input-type': entry<{ node: string; input: string; value: string }>({
    severity: 'error',
    message: (p) => `\`event_time\` of \`${p.input}\` is \`${p.value}\`, which is no text; the microbatch model \`${p.node}\` reads it`,
    hint: () => 'write the name of a column',
    explanation: 'The rows of a batch are found by the column that `event_time` names.',
  }),
  'microbatch-concurrency': entry<{ count: number; adapter: string }>({
    severity: 'warning',
    message: (p) =>
      `\`concurrent_batches: true\` of ${p.count === 1 ? 'one model' : `${p.count} models`} has no effect: batches run one after the other on ${p.adapter}`,
    explanation: 'Batches of one model change the same table. Only on engines that allow this at the same time do they run in parallel.',
  }),
  'microbatch-macro': entry<{ macro: string }>({
    severity: 'warning',
    message: (p) => `the project has its own macro \`${p.macro}\`, so microbatch models are built in one piece`,
    hint: () => 'to build them batch by batch, set `require_batched_execution_for_custom_microbatch_strategy: true` under `flags:` in dbt_project.yml',
    explanation:
      'A macro of this name was a strategy of the project before microbatch existed, and may not be made for batches. The flag says that it is; dbt asks for the same.',
  }),
  'microbatch-key': entry<{ node: string; adapter: string; wanted: boolean }>({
    severity: 'error',
    message: (p) =>
      p.wanted
        ? `the microbatch model \`${p.node}\` needs \`unique_key\` on ${p.adapter}`
        : `the microbatch model \`${p.node}\` has a \`unique_key\`, which has no meaning on ${p.adapter}`,
    hint: (p) => (p.wanted ? 'set `unique_key` to the columns that tell rows apart' : 'leave out `unique_key`, or use the strategy merge'),
    explanation:
      'On DuckDB a batch is replaced as a whole, by its window of time. On Postgres its rows are merged into the table by their key, as dbt does it there.',
  }),
  'microbatch-gap': entry<{
    node: string;
    gaps: readonly { readonly from: string; readonly to: string; readonly batches: number }[];
    start: string;
    end: string;
  }>({
    severity: 'warning',
    message: (p) =>
      `\`${p.node}\` has gaps: ${p.gaps.map((g) => (g.batches === 1 ? `batch ${g.from} is missing` : `the ${g.batches} batches ${g.from}..${g.to} are missing`)).join(', ')}`,
    hint: (p) => `build them with --event-time-start ${p.start} --event-time-end ${p.end}`,
    explanation:
      'With `batch_ledger: true` dml keeps, beside the model, a small table of the batches that were built whole. Between the first of them and the last there are some that were not: they failed, or no run covered them.',
  }),
} as const;
