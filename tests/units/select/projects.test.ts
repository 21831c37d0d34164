// Random projects and random selections over them, with what dbt itself selected: made by `npm run fuzz -- --golden tests/cases/select/projects.json`.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { createProject, type Project, ProjectError } from '../../../src/index.ts';
import { dml } from '../../command.ts';

type Files = Readonly<Record<string, string>>;

interface Answer {
  readonly select?: readonly string[];
  readonly exclude?: readonly string[];
  readonly selector?: string;
  readonly indirect_selection?: 'eager' | 'cautious' | 'buildable' | 'empty';
  readonly resource_types?: readonly string[];
  readonly exclude_resource_types?: readonly string[];
  /** A file of definitions that dbt refuses. */
  readonly refused?: string;
  readonly ids?: readonly string[];
  readonly error?: string;
}

interface Golden {
  /** The project as it was in the earlier state. */
  readonly files: Files;
  /** What was written after that, the artifacts of the earlier run among it. */
  readonly edited: Files;
  readonly answers: readonly Answer[];
}

const golden: readonly Golden[] = JSON.parse(fs.readFileSync(new URL('../../cases/select/projects.json', import.meta.url), 'utf8'));

function write(dir: string, files: Files): void {
  for (const [name, text] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(dir, name)), { recursive: true });
    fs.writeFileSync(path.join(dir, name), text);
  }
}

/** What dml selects; undefined where it refuses. */
function selected(project: Project, a: Answer): readonly string[] | undefined {
  try {
    const { select, exclude, selector, indirect_selection: indirectSelection, resource_types: resourceTypes, exclude_resource_types: excludeResourceTypes } = a;
    return [...project.select({ select, exclude, selector, indirectSelection, resourceTypes, excludeResourceTypes, state: 'state' })].sort();
  } catch (error) {
    if (error instanceof ProjectError) return undefined;
    throw error;
  }
}

describe.each(golden.map((g, i) => ({ ...g, name: `project ${i + 1}` })))('$name', ({ files, edited, answers }) => {
  const dir = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'dml-selections-')));
  let project: Project;
  beforeAll(async () => {
    write(dir, files);
    expect(await dml(['parse', '--quiet', '--target-path', 'state'], dir)).toMatchObject({ code: 0 });
    write(dir, edited);
    project = await createProject({ dir });
  });

  test('selects what dbt selects', () => {
    const asked = answers.filter((a) => a.refused === undefined);
    expect(asked.map((a) => ({ ...a, error: undefined, ids: selected(project, a) }))).toEqual(asked.map((a) => ({ ...a, error: undefined })));
    expect(asked.filter((a) => (a.ids ?? []).length > 0).length).toBeGreaterThan(10);
  });

  test.each(answers.filter((a) => a.refused !== undefined))('refuses $refused as dbt does', async ({ refused = '' }) => {
    write(dir, { 'selectors.yml': edited[refused] ?? '' });
    await expect(createProject({ dir })).rejects.toThrow(ProjectError);
  });
});
