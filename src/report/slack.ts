import type { NodeResult, RunReport } from '../run/index.ts';
import { duration, find, nameOf, outcomeOf, placeOf, tally } from './describe.ts';
import type { LineSettings } from './lines.ts';
import { responsibleFor } from './owner.ts';
import { clip, plural } from './paint.ts';

/** Characters that Slack takes in one block, with room for the last line. */
const ROOM = 2800;
const LINE = 300;

/**
 * What is told of a run to a webhook, in the shape that Slack takes; others read `text`. No values of rows are in it. `about`: the results that are listed, left
 * out all that did not pass.
 */
export function slackMessage(
  run: RunReport,
  command: string,
  target: string,
  s: Pick<LineSettings, 'manifest'>,
  about: readonly NodeResult[] = run.results.filter((r) => rankOf(r) < REST),
): string {
  const t = tally(run.results);
  const counts = [
    ...(t.error > 0 ? [plural(t.error, 'failure')] : []),
    ...(t.warn > 0 ? [plural(t.warn, 'warning')] : []),
    ...(t.skip > 0 ? [`${t.skip} skipped`] : []),
    `${t.pass} passed`,
  ];
  const outcome = run.interrupted ? 'was interrupted' : t.error > 0 ? 'failed' : t.warn > 0 ? 'gave warnings' : 'succeeded';
  const head = `dml ${command} of ${s.manifest.project.root.name} (${target}) ${outcome}: ${counts.join(', ')} in ${duration(run.elapsed)}`;
  const list = linesOf(
    about.toSorted((a, b) => rankOf(a) - rankOf(b)),
    s,
  );
  const section = (text: string): object => ({ type: 'section', text: { type: 'mrkdwn', text } });
  return JSON.stringify({ text: slackText(head), blocks: [section(`*${slackText(head)}*`), ...(list === '' ? [] : [section(list)])] });
}

const RANKS = ['error', 'warn'];
const REST = RANKS.length;

/** What is told first. */
function rankOf({ status }: NodeResult): number {
  const rank = RANKS.indexOf(outcomeOf(status));
  return rank === -1 ? REST : rank;
}

/** As many of the results as there is room for, a line each. */
function linesOf(results: readonly NodeResult[], s: Pick<LineSettings, 'manifest'>): string {
  let text = '';
  for (const [i, result] of results.entries()) {
    const line = `${slackText(lineOf(result, s))}\n`;
    if (text.length + line.length > ROOM) return `${text}and ${results.length - i} more`;
    text += line;
  }
  return text.trimEnd();
}

function lineOf(result: NodeResult, { manifest }: Pick<LineSettings, 'manifest'>): string {
  const r = find(manifest, result.unique_id);
  const owner = r ? responsibleFor(r, manifest) : null;
  const words = [
    result.status.toUpperCase(),
    r ? nameOf(r) : result.unique_id,
    ...(r ? [`(${placeOf(r)})`] : []),
    ...(owner === null ? [] : [`owner ${owner}`]),
  ];
  const why = result.diagnostic?.message ?? result.message ?? '';
  return clip(`• ${words.join(' ')}${why === '' ? '' : `: ${why}`}`.replace(/\s+/g, ' ').trimEnd(), LINE);
}

/** A text that Slack shows as it is. */
function slackText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
