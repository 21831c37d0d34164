import fs from 'node:fs';
import path from 'node:path';
import { isMap, parseYaml, type Sink, sourceFile, type YamlMap } from '../text/index.ts';

const IGNORE: Sink = { add: () => undefined, push: () => undefined };

/** The little of dbt_project.yml that is needed before the project is read in earnest. */
export interface Peeked {
  readonly flags: YamlMap;
  readonly logPath: string | undefined;
  readonly targetPath: string | undefined;
}

/** undefined where there is no project. Mistakes in the file are reported by `read`. */
export function peek(projectDir: string): Peeked | undefined {
  const nothing = { flags: {}, logPath: undefined, targetPath: undefined };
  let text: string;
  try {
    text = fs.readFileSync(path.join(projectDir, 'dbt_project.yml'), 'utf8');
  } catch {
    return undefined;
  }
  if (!/^(flags|log-path|target-path)\s*:/m.test(text)) return nothing;
  const value = parseYaml(sourceFile('dbt_project.yml', text), IGNORE)?.value;
  if (!isMap(value)) return nothing;
  const flags = value['flags'];
  // A path that is a template is left to `read`.
  const folder = (key: string) => {
    const p = value[key];
    return typeof p === 'string' && !p.includes('{') ? p : undefined;
  };
  return { flags: isMap(flags) ? flags : {}, logPath: folder('log-path'), targetPath: folder('target-path') };
}
