import type { NodeResult, RunReport } from '../run/index.ts';
import { find, nameOf, outcomeOf, subjectOf } from './describe.ts';
import type { LineSettings } from './lines.ts';
import { escaped, html, Markup } from './markup.ts';
import { whatHappened } from './summary.ts';

type Settings = Pick<LineSettings, 'manifest' | 'paint'>;

/** The results of a run as JUnit XML: a suite for each model, source, ... with its tests, and with itself where it was built. Warnings pass, with a word. */
export function junitXml(run: RunReport, startedAt: number, s: Settings): string {
  const suites = new Map<string, NodeResult[]>();
  for (const result of run.results) {
    const suite = suiteOf(result, s);
    const list = suites.get(suite);
    if (list) list.push(result);
    else suites.set(suite, [result]);
  }
  const at = new Date(startedAt).toISOString().slice(0, 19);
  const parts = [...suites].map(
    ([name, results]) =>
      html`  <testsuite name="${name}" ${countsOf(results)} time="${secondsText(sum(results))}" timestamp="${at}">\n${results.map((r) => testCase(name, r, s))}  </testsuite>\n`,
  );
  const { project } = s.manifest;
  return html`<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="${project.root.name}" ${countsOf(run.results)} time="${secondsText(run.elapsed)}" timestamp="${at}">\n${parts}</testsuites>\n`
    .text;
}

/** The name of what a result is about. */
function suiteOf({ unique_id }: NodeResult, { manifest }: Settings): string {
  const r = find(manifest, unique_id);
  if (r?.resource_type !== 'test' && r?.resource_type !== 'unit_test') return r ? nameOf(r) : manifest.project.root.name;
  const subject = find(manifest, subjectOf(r) ?? '');
  return subject ? nameOf(subject) : manifest.project.root.name;
}

function testCase(suite: string, result: NodeResult, s: Settings): Markup {
  const r = find(s.manifest, result.unique_id);
  const name = r?.name ?? result.unique_id;
  const file = r ? html` file="${r.original_file_path}"` : '';
  const head = html`    <testcase name="${name}" classname="${suite}"${file} time="${secondsText(result.execution_time)}"`;
  const inside = insideOf(result, s);
  return inside === undefined ? html`${head}/>\n` : html`${head}>\n      ${inside}\n    </testcase>\n`;
}

function insideOf(result: NodeResult, s: Settings): Markup | undefined {
  const message = attribute(result.message ?? result.status);
  switch (outcomeOf(result.status)) {
    case 'skip':
      return html`<skipped message="${message}"/>`;
    case 'warn':
      return html`<system-out>${whatHappened(result, s)}</system-out>`;
    case 'error':
      return result.status === 'fail'
        ? html`<failure type="failure" message="${message}">${whatHappened(result, s)}</failure>`
        : html`<error type="error" message="${message}">${whatHappened(result, s)}</error>`;
    default:
      return undefined;
  }
}

/** Attributes of a group of results: how many there are of each kind. */
function countsOf(results: readonly NodeResult[]): Markup {
  const count = (test: (r: NodeResult) => boolean): number => results.filter(test).length;
  const failures = count((r) => r.status === 'fail');
  const errors = count((r) => outcomeOf(r.status) === 'error') - failures;
  return html`tests="${results.length}" failures="${failures}" errors="${errors}" skipped="${count((r) => r.status === 'skipped')}"`;
}

function sum(results: readonly NodeResult[]): number {
  return results.reduce((seconds, r) => seconds + r.execution_time, 0);
}

function secondsText(seconds: number): string {
  return seconds.toFixed(3);
}

/** XML makes blanks of the breaks in an attribute, unless they are written as references. */
function attribute(text: string): Markup {
  return new Markup(
    escaped(text)
      .replace(/\r\n?|\n/g, '&#10;')
      .replaceAll('\t', '&#9;'),
  );
}
