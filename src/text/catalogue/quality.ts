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
  'notify-url': entry<{ variable: string; problem: string }>({
    severity: 'warning',
    message: (p) => `the environment variable ${p.variable} holds no address to notify: ${p.problem}`,
    hint: () => 'it must be a whole address that begins with https:// or http://',
    explanation:
      'A notification of a run is sent to the address in DML_NOTIFY_URL, and one of some results to each address that `notifications:` in dml.yml asks for by the name of its variable. An address is a secret, so it is never printed. Nothing about a notification changes the exit code; `--notify never` sends none.',
  }),
  'notify-select': entry<{ problem: string }>({
    severity: 'warning',
    message: (p) => `this notification is told of nothing: ${p.problem}`,
    explanation:
      'The `select` of a notification in dml.yml takes what `--select` takes. This one cannot be understood, or finds nothing in the project, so that whoever waits for it would wait for ever.',
  }),
  'notify-failed': entry<{ host: string; variable: string; tries: number }>({
    severity: 'warning',
    message: (p) => `the notification to ${p.host} (${p.variable}) was not taken after ${p.tries === 1 ? 'one try' : `${p.tries} tries`}`,
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
      'A test that compares a table with its own past needs a past first. While there is too little of it the test passes, and says so in a note. With `on_warmup: warn` the test warns, with `fail` it fails.',
  }),
  'profile-column': entry<{ relation: string; name: string; near?: string | undefined; known: readonly string[] }>({
    severity: 'error',
    message: (p) => `\`${p.relation}\` has no column \`${p.name}\``,
    hint: (p) => (p.near === undefined ? `it has ${p.known.join(', ')}` : `did you mean \`${p.near}\`?`),
    explanation: '`--columns` of `dml profile` takes names of columns of the table or view as it is in the database, in any case.',
  }),
  'profile-not-read': entry<{ name: string; relation: string; source: boolean }>({
    severity: 'error',
    message: (p) => `\`${p.name}\` cannot be profiled: ${p.relation} could not be read`,
    hint: (p) => (p.source ? 'load it, or mend `schema` and `identifier` of the source' : `if it is not built yet: \`dml build --select ${p.name}\``),
    explanation: '`dml profile` reads the table or view as it is in the database, and builds nothing.',
  }),
};
