import os from 'node:os';
import path from 'node:path';
import { diagnosticPaint } from '../../report/index.ts';
import { renderDiagnostic } from '../../text/index.ts';
import { type Context, FAILED, greet, OK } from '../context.ts';
import { type Checkup, checkup } from '../session.ts';
import { DBT_VERSION, VERSION } from '../version.ts';

/** Tells what is used and whether the database can be reached; exit code 1 when something is wrong. */
export async function run(c: Context): Promise<number> {
  const { flags, world } = c;
  const { paint } = c.console;
  const say = (text: string) => c.console.say('DebugCmdOut', 'Z047', text, { msg: text });
  if (flags.values.get('config-dir') === true) {
    c.console.output(flags.profilesDir ?? path.join(world.home, '.dbt'));
    return OK;
  }
  greet(c);
  const connectionOnly = flags.values.get('connection') === true;
  if (connectionOnly) say('Skipping steps before connection verification');
  const found = await checkup(flags, world);
  const { project, profilesFile, engine, problems } = found;
  const good = (text: string) => `[${paint('green', text)}]`;
  const bad = (text: string) => `[${paint('red', text)}]`;
  if (!connectionOnly) {
    say(`dml version: ${VERSION}`);
    say(`dbt version answered for: ${DBT_VERSION}`);
    say(`node version: ${process.versions.node}`);
    say(`os info: ${os.type()}-${os.release()}-${os.arch()}`);
    say(profilesFile === undefined ? 'Using no profiles.yml file' : `Using profiles.yml file at ${profilesFile}`);
    say(`Using dbt_project.yml file at ${path.join(flags.projectDir, 'dbt_project.yml')}`);
    say(`adapter type: ${project?.target.type ?? 'unknown'}`);
    say('Configuration:');
    say(
      `  profiles.yml file ${profilesFile !== undefined ? good('OK found and valid') : project ? good('OK not needed: default DuckDB target') : bad('ERROR not usable')}`,
    );
    say(`  dbt_project.yml file ${project ? good('OK found and valid') : bad('ERROR not usable')}`);
    say('');
  }
  say('Connection:');
  for (const line of connectionLines(found)) say(`  ${line}`);
  say(`  Connection test: ${engine ? good('OK connection ok') : bad('ERROR')}`);
  say('');
  if (engine && problems.every((p) => p.severity !== 'error')) {
    say(paint('green', 'All checks passed!'));
    return OK;
  }
  const errors = problems.filter((p) => p.severity === 'error');
  say(paint('red', `${errors.length} check${errors.length === 1 ? '' : 's'} failed:`));
  for (const p of errors) {
    // dbt's words, for those who look for them.
    if (p.dbt !== undefined) say(`Profile loading failed for the following reason:\n${p.dbt}`);
    say(renderDiagnostic(p, diagnosticPaint(paint)));
  }
  return FAILED;
}

function connectionLines({ project, engine }: Checkup): readonly string[] {
  if (!project) return [];
  const { target } = project;
  const lines = [`database: ${target.database}`, `schema: ${target.schema}`];
  const path = target.settings['path'];
  if (typeof path === 'string') lines.push(`path: ${path}`);
  lines.push(`threads: ${target.threads}`);
  if (engine) lines.push(`engine: ${engine.version}`, `location: ${engine.location}`);
  return lines;
}
