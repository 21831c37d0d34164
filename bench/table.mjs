// node bench/table.mjs: puts the figures of bench/results.json into the README and the guides, between the marks that are there for them.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));

const tools = [
  ['dml', 'dml'],
  ['dbt 2', 'dbt Core 2.0.0a4 (Rust)'],
  ['dbt 1', 'dbt Core 1.11.16'],
  ['floor', 'floor'],
];
const names = { 'build, again': 'build again, nothing changed' };
// What `docs generate` is compared with, and nobody's command.
const parts = new Set(['--version', 'docs, parse alone', 'docs, no database']);

const { rows, machine, models, date, warehouse, scan, unit, site } = JSON.parse(fs.readFileSync(path.join(here, 'results.json'), 'utf8'));
const steps = [...new Set(rows.filter((row) => !parts.has(row.step)).map((row) => row.step))];

/** Seconds on the wall, seconds of the processor, peak of memory. */
function cell(step, tool) {
  const row = rows.find((each) => each.step === step && each.tool === tool);
  if (row === undefined || row.failed !== undefined) return '';
  const wall = `${row.median.toFixed(row.median < 10 ? 2 : 0)} s`;
  return row.cpu === undefined ? wall : `${wall} (${row.cpu.toFixed(row.cpu < 10 ? 2 : 0)} s, ${row.memoryMiB} MiB)`;
}

const lines = [
  `| step | ${tools.map(([, title]) => title).join(' | ')} |`,
  `|---|${tools.map(() => '---|').join('')}`,
  ...steps.map((step) => `| ${names[step] ?? step} | ${tools.map(([tool]) => cell(step, tool)).join(' | ')} |`),
  '',
  `Medians of ${date}, ${models} models: seconds on the wall (of the processor, peak of memory). ${machine.cpu}, ${machine.cores} cores, Node ${machine.node}; other`,
  `work kept the machine at a load of ${machine.load.map((l) => l.toFixed(1)).join(' to ')}. dbt Core 1 ran once, the others in turn. dbt Core 2 cannot build without downloads.`,
];

/** Puts lines between the two marks of a page. */
function fill(page, mark, between) {
  const file = path.join(here, '..', page);
  const text = fs.readFileSync(file, 'utf8');
  const marks = new RegExp(`(<!-- ${mark} -->\\n).*?(<!-- /${mark} -->)`, 's');
  fs.writeFileSync(
    file,
    text.replace(marks, (_, open, close) => `${open}${between.join('\n')}\n${close}`),
  );
}

fill('README.md', 'bench', lines);
if (warehouse)
  fill('docs/incremental.md', 'bench warehouse', [
    '| | dml | by hand | ratio | goal |',
    '|---|---|---|---|---|',
    ...warehouse.lines.map((l) => `| ${l.name}, ${l.engine} | ${l.dml} s | ${l.hand} s (${l.other}) | ${l.ratio} | ${l.goal} |`),
    '',
    `Medians of ${[...new Set(warehouse.lines.map((l) => l.runs))].sort().join(' or ')} rounds in which dml and the other took turns, and of the rounds' ratios, ${warehouse.date}; other work kept the machine at a load of`,
    `${warehouse.load.map((l) => l.toFixed(1)).join(' to ')}. Seeds: the whole process, from start to end; merges: the model's own time against that of one typed \`merge\`.`,
  ]);
if (scan)
  fill('docs/tests.md', 'scan', [
    `${scan.name}, ${scan.engine}: ${scan.together} s together and ${scan.alone} s one by one, ${scan.ratio.toFixed(1)} x faster. Seconds of the whole process and their ratio, medians of`,
    `${scan.runs} rounds in turn, on ${machine.cores} cores that other work kept at a load of ${scan.load.map((l) => l.toFixed(1)).join(' to ')}.`,
  ]);
if (unit)
  fill('docs/unit-tests.md', 'unit', [
    `${unit.name}: ${unit.memory} s in memory and ${unit.target} s on the target (${unit.engine}). Seconds of the whole process, medians of ${unit.runs} rounds in turn on`,
    `${machine.cores} cores; \`npm run bench -- --only unit\` measures it.`,
  ]);
if (site)
  fill('docs/documentation.md', 'site', [
    '| what | median |',
    '|---|---|',
    ...site.figures.map((f) => `| ${f.what} | ${f.median} ${f.unit} |`),
    '',
    `\`npm run bench -- --only site\` measures it; other work kept the machine at a load of ${site.load.map((l) => l.toFixed(1)).join(' to ')}.`,
  ]);
