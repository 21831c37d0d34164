import { entry } from './entry.ts';

/** Gates, notifications, profiles, and what is written down for tests. */
export const quality = {
  'gate-value': entry<{ node: string; key: string; value: string; takes: readonly string[]; near?: string | undefined }>({
    severity: 'error',
    message: (p) => `\`${p.node}\`: \`${p.key}\` is \`${p.value}\`; it takes ${p.takes.join(' or ')}`,
    hint: (p) => (p.near === undefined ? undefined : `did you mean \`${p.near}\`?`),
    explanation:
      '`blocking: false` in the config of a test, and `on_error: continue` in that of a model, seed or snapshot, let what is built from it go on when it fails. The failure is told all the same, and the exit code is 1.',
  }),
  'notify-url': entry<{ problem: string }>({
    severity: 'warning',
    message: (p) => `the environment variable DML_NOTIFY_URL holds no address to notify: ${p.problem}`,
    hint: () => 'it must be a whole address that begins with https:// or http://',
    explanation:
      'A notification of a run is sent to the address in DML_NOTIFY_URL. The address is a secret, so it is never printed. Nothing about a notification changes the exit code.',
  }),
  'notify-failed': entry<{ host: string; tries: number }>({
    severity: 'warning',
    message: (p) => `the notification to ${p.host} (DML_NOTIFY_URL) was not taken after ${p.tries === 1 ? 'one try' : `${p.tries} tries`}`,
    explanation:
      'The webhook answered with an error, or not at all. What may pass (status 429 and 5xx, no connection, no answer in time) is tried again with growing pauses, as long as `Retry-After` asks for where that is at most a minute. The results of the run and the exit code are as if there were no notification.',
  }),
  'history-failed': entry<{ node: string; problem: string }>({
    severity: 'warning',
    message: (p) => `\`${p.node}\` is built, but its metrics were not written to the history: ${p.problem}`,
    explanation:
      'With `history: true` a model, seed or snapshot is measured after it was built. Where that fails the node is as good as without, and its history lacks the run.',
  }),
  'test-note': entry<{ node: string; note: string }>({
    severity: 'note',
    message: (p) => `\`${p.node}\` has no verdict yet: ${p.note}`,
    hint: () => 'runs on other days make a past; `on_warmup: fail` makes too short a one a failure',
    explanation:
      'A test that compares a table with its own past needs a past first. While there is too little of it the test passes, and says so in a note; with `on_warmup: warn` in a warning.',
  }),
  'profile-not-read': entry<{ name: string; relation: string; source: boolean }>({
    severity: 'error',
    message: (p) => `\`${p.name}\` cannot be profiled: ${p.relation} could not be read`,
    hint: (p) => (p.source ? 'load it, or mend `schema` and `identifier` of the source' : `if it is not built yet: \`dml build --select ${p.name}\``),
    explanation: '`dml profile` reads the table or view as it is in the database, and builds nothing.',
  }),
};
