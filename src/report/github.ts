import type { NodeResult, RunReport } from '../run/index.ts';
import { outermost, position, shownPath } from '../text/index.ts';
import { find, outcomeOf } from './describe.ts';
import type { LineSettings } from './lines.ts';
import { whatHappened } from './summary.ts';

/**
 * The failures and warnings of a run as workflow commands of GitHub Actions, a line each, which become annotations of the files they are about.
 * `folder`: the project's folder in the repository, empty or ending in a slash.
 */
export function githubAnnotations(run: RunReport, folder: string, s: Pick<LineSettings, 'manifest' | 'paint'>): string {
  return run.results.map((result) => annotation(result, folder, s)).join('');
}

function annotation(result: NodeResult, folder: string, s: Pick<LineSettings, 'manifest' | 'paint'>): string {
  const outcome = outcomeOf(result.status);
  if (outcome !== 'error' && outcome !== 'warn') return '';
  const r = find(s.manifest, result.unique_id);
  const at = result.diagnostic?.at ?? r?.at;
  const { file, start } = at ? outermost(at) : { file: undefined, start: 0 };
  // A file of dml's own is not in the repository.
  const place = file && !file.builtIn ? [`file=${property(folder + shownPath(file))}`, `line=${position(file.text, start).line}`] : [];
  const title = `title=${property(r?.name ?? result.unique_id)}`;
  return `::${outcome === 'error' ? 'error' : 'warning'} ${[...place, title].join(',')}::${data(whatHappened(result, s))}\n`;
}

function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
