import type { QualityReport } from '../read/index.ts';
import { duration } from './describe.ts';
import { html, Markup } from './markup.ts';
import { plural } from './paint.ts';
import { hasProblem, type QualityModel, type QualityTest } from './quality.ts';
import { STYLE } from './quality-style.ts';

type Score = number | null;

/** A quality report as a page of its own: no script, and nothing that is loaded from elsewhere. */
export function qualityPage(report: QualityReport): string {
  const { project, target, command, generated_at: at, models, freshness } = report;
  const bad = models.filter((m) => m.tests.some(hasProblem));
  // What the page holds comes from data: a browser is told to run and to load nothing, should any of it be taken for more than text.
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<title>${project}: data quality</title>
<style>${new Markup(STYLE)}</style>
</head>
<body>
<header>
<h1>Data quality of ${project}</h1>
<p class="dim">dml ${command}, target ${target}, <time datetime="${at}">${momentText(at)}</time>, ${duration(report.seconds)}</p>
${overview(report)}
</header>
<main>
${bad.length > 0 ? html`<section><h2>To be mended</h2>${bad.map(problems)}</section>` : ''}
<section><h2>All that was tested</h2>${models.length > 0 ? table(models) : html`<p>Nothing was tested.</p>`}</section>
${freshness.length > 0 ? html`<section><h2>Sources</h2>${sources(freshness)}</section>` : ''}
</main>
<footer class="dim">dml ${report.dml_version}, run ${report.invocation_id}</footer>
</body>
</html>
`.text;
}

function overview(r: QualityReport): Markup {
  const counts: readonly (readonly [string, number, string])[] = [
    ['passed', r.passed, 'pass'],
    ['warned', r.warned, 'warn'],
    ['failed', r.failed, 'fail'],
    ['refused', r.errored, 'fail'],
    ['skipped', r.skipped, 'skipped'],
  ];
  return html`<div class="overview">
<div class="score ${gradeOf(r.score)}"><b>${scoreText(r.score)}</b><span>score</span></div>
<ul class="counts">${counts.filter(([, n]) => n > 0).map(([word, n, kind]) => html`<li class="${kind}"><b>${n}</b> ${word}</li>`)}</ul>
<figure>${sparkline(r.history, 240, 40)}<figcaption class="dim">${plural(r.history.length, 'report')}</figcaption></figure>
</div>`;
}

function problems(m: QualityModel): Markup {
  return html`<article>
<h3 id="${m.unique_id}">${titleOf(m)} <span class="dim">${m.resource_type}${m.owner === null ? '' : `, ${m.owner}`}</span></h3>
${m.tests.filter(hasProblem).map((t) => problem(t, m))}
</article>`;
}

function problem(t: QualityTest, m: QualityModel): Markup {
  const about = [
    `${t.path}:${t.line}`,
    ...(t.column === null ? [] : [`column ${t.column}`]),
    ...(t.owner === null || t.owner === m.owner ? [] : [`owner ${t.owner}`]),
    ...(t.tags.length > 0 ? [`tags ${t.tags.join(', ')}`] : []),
    ...(t.blocking ? [] : ['does not block']),
    ...(t.failing_since === null ? [] : [`since ${momentText(t.failing_since)}`]),
  ];
  return html`<details class="test ${kindOf(t)}" open>
<summary><span class="badge">${t.status}</span> ${t.name}${t.failures === null ? '' : html` <b>${t.failures}</b>`}</summary>
${t.description === '' ? '' : html`<p>${t.description}</p>`}
<p class="dim">${about.join(' · ')}</p>
${t.message === null ? '' : html`<pre>${t.message}</pre>`}
${t.rows && t.rows.rows.length > 0 ? rows(t.rows, t.failures) : ''}
${t.difference === null ? '' : html`<pre>${t.difference}</pre>`}
${lineage(m)}
${t.sql === null ? '' : html`<details><summary>SQL</summary><pre>${t.sql.trim()}</pre></details>`}
</details>`;
}

function rows({ columns, rows: all }: NonNullable<QualityTest['rows']>, failures: number | null): Markup {
  const more = (failures ?? 0) - all.length;
  const cell = (value: string | number | boolean | null): Markup =>
    value === null ? html`<td class="dim">null</td>` : html`<td${typeof value === 'number' ? html` class="number"` : ''}>${String(value)}</td>`;
  return html`<div class="wide"><table><thead><tr>${columns.map((c) => html`<th>${c}</th>`)}</tr></thead>
<tbody>${all.map((row) => html`<tr>${row.map(cell)}</tr>`)}</tbody></table></div>${more > 0 ? html`<p class="dim">and ${more} more</p>` : ''}`;
}

/** What a failure may come from, and what may be wrong because of it. */
function lineage(m: QualityModel): Markup {
  const line = (word: string, ids: readonly string[]): Markup | string =>
    ids.length === 0 ? '' : html`<dt>${word}</dt><dd>${ids.map((id) => html`<code>${shortId(id)}</code> `)}</dd>`;
  return m.upstream.length + m.downstream.length === 0 ? html`` : html`<dl>${line('built from', m.upstream)}${line('goes into', m.downstream)}</dl>`;
}

function table(models: readonly QualityModel[]): Markup {
  const title = (m: QualityModel): Markup | string => (m.tests.some(hasProblem) ? html`<a href="#${m.unique_id}">${titleOf(m)}</a>` : titleOf(m));
  const row = (m: QualityModel): Markup => html`<tr>
<td class="name">${title(m)}<br><span class="dim">${m.path}</span>${tests(m)}</td><td class="owner">${m.owner ?? ''}</td>
<td class="number ${gradeOf(m.score)}"><b>${scoreText(m.score)}</b></td><td>${sparkline(m.history, 120, 24)}</td>
<td class="number">${m.passed}</td><td class="number">${m.warned}</td><td class="number">${m.failed + m.errored}</td><td class="number">${m.skipped}</td>
</tr>`;
  const heads = ['Name', 'Owner', 'Score', 'History', 'Passed', 'Warned', 'Failed', 'Skipped'];
  return html`<div class="wide"><table class="all"><thead><tr>${heads.map((h, i) => html`<th${i === 2 || i > 3 ? html` class="number"` : ''}>${h}</th>`)}</tr></thead><tbody>${models.map(row)}</tbody></table></div>`;
}

/** All tests of a model with what became of them, folded up. */
function tests(m: QualityModel): Markup {
  const item = (t: QualityTest): Markup => html`<li><span class="${kindOf(t)}">${t.status}</span> ${t.name}</li>`;
  return html`<details class="dim"><summary>${plural(m.tests.length, 'test')}</summary><ul>${m.tests.map(item)}</ul></details>`;
}

function sources(all: QualityReport['freshness']): Markup {
  const kind: Readonly<Record<string, string>> = { pass: 'pass', warn: 'warn' };
  const row = (s: QualityReport['freshness'][number]): Markup =>
    html`<tr><td>${s.name}</td><td class="${kind[s.status] ?? 'fail'}">${s.status}</td><td>${momentText(s.max_loaded_at)}</td><td>${momentText(s.checked_at)}</td></tr>`;
  return html`<div class="wide"><table><thead><tr><th>Source</th><th>Freshness</th><th>Last loaded</th><th>Checked</th></tr></thead><tbody>${all.map(row)}</tbody></table></div>`;
}

/** How many points of a history a line can show. */
const POINTS = 60;

/** Scores from 0 to 100 as a line, the oldest at the left. */
function sparkline(history: readonly { readonly score: Score }[], width: number, height: number): Markup {
  const scores = history.flatMap(({ score }) => (score === null ? [] : [score])).slice(-POINTS);
  const last = scores.at(-1);
  if (last === undefined) return html``;
  const x = (i: number): string => (scores.length === 1 ? width / 2 : 4 + (i * (width - 8)) / (scores.length - 1)).toFixed(1);
  // What is between the lowest score and a whole one is worth seeing; a tenth below is the least that a line shows as its height.
  const low = Math.min(90, ...scores);
  const y = (score: number): string => (4 + ((100 - score) * (height - 8)) / (100 - low)).toFixed(1);
  const points = scores.map((score, i) => `${x(i)},${y(score)}`).join(' ');
  return html`<svg class="${gradeOf(last)}" width="${width}" height="${height}" role="img" aria-label="scores: ${scores.join(', ')}">
<polyline points="${points}"/><circle cx="${x(scores.length - 1)}" cy="${y(last)}" r="3"/></svg>`;
}

/** The name of a model, with its version where it has some. */
function titleOf({ unique_id, name }: QualityModel): string {
  return unique_id === '' ? name : shortId(unique_id);
}

/** An id without its kind and package. */
function shortId(id: string): string {
  return id.split('.').slice(2).join('.');
}

function kindOf({ status }: QualityTest): string {
  return status === 'error' ? 'fail' : status;
}

function gradeOf(score: Score): string {
  if (score === null) return 'skipped';
  return score === 100 ? 'pass' : score >= 80 ? 'warn' : 'fail';
}

function scoreText(score: Score): string {
  return score === null ? '–' : String(score);
}

/** `2026-01-31 12:30 UTC` of a time in ISO format. */
function momentText(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;
}
