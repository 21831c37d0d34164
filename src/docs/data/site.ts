import { catalogue } from '../../text/index.ts';
import { layout } from '../layout.ts';
import type { Artifacts } from './artifacts.ts';
import { factsOf } from './facts.ts';
import { DataFiles } from './files.ts';
import { macroList, macroPages } from './macros.ts';
import { pageOf } from './pages.ts';
import { projectFacts } from './project.ts';
import { rowOf } from './rows.ts';
import { searchFiles } from './searching.ts';
import { sourcesFile } from './sources.ts';
import { testPage, testRow, testsFile } from './tests.ts';
import { timelineOf } from './timeline.ts';
import { type DiagnosticsFile, FORMAT, type GraphFile, type IndexFile, type Row } from './types.ts';

/** What a site says of itself. */
export interface SiteSettings {
  /** Such as `dml 0.1.0`; undefined: what the manifest says. */
  readonly generator?: string | undefined;
}

/** All data files of a site by their paths: JSON texts, the index last. The same artifacts make the same files. */
export function siteData(artifacts: Artifacts, settings: SiteSettings = {}): ReadonlyMap<string, string> {
  const facts = factsOf(artifacts);
  const out = new DataFiles();
  const rows = facts.nodes.map((entry) => rowOf(facts, entry));
  const pages = new Map(facts.nodes.map((entry) => [entry.id, pageOf(facts, entry)]));
  const macros = macroPages(facts);
  const { timeline, files: bars } = timelineOf(facts);
  const list = out.split('list', rows, (texts, first) => `{"first":${first},"rows":[${texts.join(',')}]}`);
  const bends = graphFiles(out, rows, pages);
  const nodes = out.share('nodes', 'nodes', pages);
  out.put('tests', testsFile([...facts.tests].map(([id, json]) => testRow(facts, id, json))));
  const tests = out.share(
    'tests',
    'tests',
    [...facts.tests].map(([id, json]) => [id, testPage(facts, id, json)] as const),
  );
  out.put('macros', macroList(macros));
  const macroShards = out.share(
    'macros',
    'macros',
    macros.map((m) => [m.id, m] as const),
  );
  // Where lineage by column is not known no node has any.
  const columns = out.share('columns', 'nodes', []);
  out.put('sources', sourcesFile(facts));
  out.put('timeline', timeline);
  for (const [n, file] of bars.entries()) out.put(`timeline/${n}`, file);
  const searched = searchFiles(rows, pages, macros);
  for (const [n, json] of searched.entries()) out.text(`search/${n}`, json);
  out.put('diagnostics', diagnosticsFile());
  const project = projectFacts(facts, rows, pages);
  const index: IndexFile = {
    format: FORMAT,
    ...out.summary(),
    ...project,
    generator: settings.generator ?? project.generator,
    shards: { list, bends, nodes, tests, macros: macroShards, columns, timeline: bars.length, search: searched.length },
  };
  out.put('index', index);
  return out.texts;
}

function graphFiles(out: DataFiles, rows: readonly Row[], pages: ReadonlyMap<string, { readonly parents: readonly string[] }>): number {
  const number = new Map(rows.map((row, i) => [row.id, i]));
  const edges = rows.flatMap((row, i) => (pages.get(row.id)?.parents ?? []).flatMap((p) => [number.get(p) ?? 0, i]));
  const { bends, ...drawn } = layout(
    rows.map((r) => r.id),
    edges,
  );
  const graph: GraphFile = { ...drawn, edges };
  out.put('graph', graph);
  return out.split('bends', bends, (texts) => `{"bends":[${texts.join(',')}]}`);
}

function diagnosticsFile(): DiagnosticsFile {
  return {
    diagnostics: Object.entries(catalogue)
      .map(([code, { severity, explanation }]) => ({ code, severity, explanation }))
      .sort((a, b) => (a.code < b.code ? -1 : 1)),
  };
}
