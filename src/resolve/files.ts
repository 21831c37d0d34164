import { createHash } from 'node:crypto';
import type { ParsedFile, ParsedTemplate } from '../parse/index.ts';
import type { InputFile, Package } from '../read/index.ts';
import { span } from '../text/index.ts';
import type { Build } from './build.ts';
import { addDocs } from './docs.ts';
import { functionFields } from './functions.ts';
import type { NodeBase } from './manifest.ts';
import { addNode } from './nodes.ts';
import { type Entry, patchFor, textOf, timeSpineOf } from './patches.ts';

/** Adds the nodes of files: models, seeds, snapshots, analyses, singular tests, functions; and docs blocks. */
export function addFiles(b: Build, pkg: Package, files: readonly ParsedFile[]): void {
  for (const file of files) {
    if (file.kind === 'docs') addDocs(b, pkg, file);
    else if (file.kind === 'data' && file.input.kind === 'seed') addSeed(b, pkg, file.input);
    else if (file.kind === 'template') addTemplate(b, pkg, file.input, file.node);
    else if (file.kind === 'snapshots') for (const node of file.nodes) addSnapshot(b, pkg, file.input, node);
  }
}

const NO_CONTRACT = { enforced: false, alias_types: true, checksum: null };

function foldersOf(relative: string): string[] {
  return relative.split('/').slice(0, -1);
}

function sha256(checksum: string): NodeBase['checksum'] {
  return { name: 'sha256', checksum };
}

function addTemplate(b: Build, pkg: Package, input: InputFile, parsed: ParsedTemplate): void {
  const { name } = parsed;
  const common = { name, package: pkg, input, raw: parsed.raw, template: parsed.template, at: span(input.source, 0, 0), checksum: sha256(input.checksum) };
  if (input.kind === 'model') {
    const patch = patchFor(b.patches, 'models', pkg, name);
    const suffix = patch?.version === null || patch?.version === undefined ? [] : [`v${patch.version}`];
    const model = patch?.name ?? name;
    addNode(b, {
      ...common,
      kind: 'model',
      path: input.relative,
      fqn: [pkg.name, ...foldersOf(input.relative), model, ...suffix],
      uniqueId: ['model', pkg.name, model, ...suffix].join('.'),
      patch,
      extra: {
        access: 'protected',
        constraints: [],
        contract: NO_CONTRACT,
        version: null,
        latest_version: null,
        deprecation_date: null,
        primary_key: [],
        time_spine: timeSpineOf(patch),
      },
    });
  } else if (input.kind === 'function') {
    const patch = patchFor(b.patches, 'functions', pkg, name);
    addNode(b, {
      ...common,
      kind: 'function',
      path: input.relative,
      fqn: [pkg.name, ...foldersOf(input.relative), name],
      uniqueId: `function.${pkg.name}.${name}`,
      patch,
      extra: { contract: NO_CONTRACT, ...functionFields(patch) },
    });
  } else if (input.kind === 'analysis') {
    const path = `analysis/${input.relative}`;
    addNode(b, {
      ...common,
      kind: 'analysis',
      path,
      fqn: [pkg.name, ...foldersOf(path), name],
      uniqueId: `analysis.${pkg.name}.${name}`,
      patch: patchFor(b.patches, 'analyses', pkg, name),
      extra: { contract: NO_CONTRACT },
    });
  } else {
    const patch = patchFor(b.patches, 'data_tests', pkg, name);
    addNode(b, {
      ...common,
      kind: 'test',
      path: input.relative,
      fqn: [pkg.name, ...foldersOf(input.relative), name],
      uniqueId: `test.${pkg.name}.${name}`,
      patch,
      extra: { contract: NO_CONTRACT, test_metadata: null, column_name: null, file_key_name: null, attached_node: null },
    });
  }
}

function addSnapshot(b: Build, pkg: Package, input: InputFile, parsed: ParsedTemplate): void {
  const { name } = parsed;
  addNode(b, {
    kind: 'snapshot',
    name,
    package: pkg,
    input,
    path: input.relative,
    fqn: [pkg.name, ...input.relative.replace(/\.[^./]*$/, '').split('/'), name],
    raw: parsed.raw,
    template: parsed.template,
    at: parsed.at,
    uniqueId: `snapshot.${pkg.name}.${name}`,
    checksum: sha256(input.checksum),
    patch: patchFor(b.patches, 'snapshots', pkg, name),
    extra: { contract: NO_CONTRACT },
  });
}

/** Snapshots written as YAML alone, with a `relation:`. */
export function addYamlSnapshots(b: Build, entries: readonly Entry[]): void {
  for (const entry of entries) {
    if (entry.section !== 'snapshots' || entry.map.relation === undefined || entry.map.relation === null) continue;
    const { package: pkg, input } = entry;
    const name = String(entry.map.name);
    const raw = `select * from {{ ${textOf(entry.map.relation)} }}`;
    addNode(b, {
      kind: 'snapshot',
      name,
      package: pkg,
      input,
      path: `${input.relative}/${name}.sql`,
      fqn: [pkg.name, ...foldersOf(input.relative), name],
      raw,
      template: b.invocation.environment.parse({ path: input.source.path, text: raw }),
      at: entry.at,
      made: entry.document.valueSpan(entry.written, 'relation'),
      uniqueId: `snapshot.${pkg.name}.${name}`,
      checksum: sha256(input.checksum),
      patch: patchFor(b.patches, 'snapshots', pkg, name),
      extra: { contract: NO_CONTRACT },
    });
  }
}

function addSeed(b: Build, pkg: Package, input: InputFile): void {
  const name = input.relative.slice(input.relative.lastIndexOf('/') + 1).replace(/\.[^.]*$/, '');
  addNode(b, {
    kind: 'seed',
    name,
    package: pkg,
    input,
    path: input.relative,
    fqn: [pkg.name, ...foldersOf(input.relative), name],
    raw: '',
    template: undefined,
    at: span(input.source, 0, 0),
    uniqueId: `seed.${pkg.name}.${name}`,
    checksum: input.checksum.length === 64 ? sha256(input.checksum) : { name: 'path', checksum: input.checksum },
    patch: patchFor(b.patches, 'seeds', pkg, name),
    extra: { root_path: pkg.dir },
  });
}

/** on-run-start and on-run-end: one operation for each hook. */
export function addOperations(b: Build): void {
  for (const pkg of b.project.packages)
    for (const [type, hooks] of [
      ['on-run-start', pkg.config.onRunStart],
      ['on-run-end', pkg.config.onRunEnd],
    ] as const)
      hooks.forEach((sql, i) => {
        const name = `${pkg.name}-${type}-${i}`;
        const input: InputFile = {
          kind: 'macro',
          source: { path: './dbt_project.yml', text: pkg.file.text },
          absolute: `${pkg.dir}/dbt_project.yml`,
          searchPath: '.',
          relative: 'dbt_project.yml',
          checksum: '',
          checksumKind: 'sha256',
        };
        const start = pkg.file.text.indexOf(sql.split('\n')[0] ?? sql);
        addNode(b, {
          kind: 'operation',
          name,
          package: pkg,
          input,
          path: `hooks/${name}.sql`,
          fqn: [pkg.name, 'hooks', name],
          raw: sql,
          template: b.invocation.environment.parse({
            path: 'dbt_project.yml',
            text: sql,
            ...(start >= 0 && pkg.file.text.startsWith(sql, start) && { within: { file: pkg.file, offset: start } }),
          }),
          at: span(pkg.file, Math.max(start, 0), Math.max(start, 0) + 1),
          uniqueId: `operation.${pkg.name}.${name}`,
          checksum: sha256(createHash('sha256').update(pkg.file.text.trim()).digest('hex')),
          tags: [type],
          extra: { contract: NO_CONTRACT, index: i },
        });
      });
}
