import * as z from 'zod/mini';
import { profilesSchema } from './profiles.ts';
import { projectSchema } from './project.ts';
import { propertiesSchema } from './properties.ts';
import { qualitySchema } from './quality.ts';
import { settingsSchema } from './settings.ts';

const files: readonly { readonly name: string; readonly title: string; readonly schema: z.ZodMiniType }[] = [
  { name: 'dbt_project.json', title: 'dbt_project.yml: the configuration of a dbt project', schema: projectSchema },
  { name: 'dml.json', title: 'dml.yml: settings of dml itself', schema: settingsSchema },
  { name: 'profiles.json', title: 'profiles.yml: connections', schema: profilesSchema },
  { name: 'properties.json', title: 'Properties files: models, sources, tests and the rest', schema: propertiesSchema },
  { name: 'quality.json', title: 'The quality report that `dml test --report` writes', schema: qualitySchema },
];

/** The JSON Schemas of the files dml reads or writes, by file name, as the text of `schemas/`. For editors: generated, never loaded at run time. */
export function schemaFiles(): ReadonlyMap<string, string> {
  return new Map(files.map(({ name, title, schema }) => [name, `${JSON.stringify({ $schema, title, ...body(schema) }, null, 2)}\n`]));
}

const $schema = 'http://json-schema.org/draft-07/schema#';

function body(schema: z.ZodMiniType): object {
  // Shared parts (columns, tests, configs) become definitions, which keeps the file a tenth of its size; editors know draft 7 best.
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { target: 'draft-7', reused: 'ref', io: 'input', unrepresentable: 'any' });
  return rest;
}
