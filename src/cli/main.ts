import fs from 'node:fs';
import path from 'node:path';
import { hasSecrets, scrub } from '../context/index.ts';
import { paint } from '../report/index.ts';
import { DiagnosticError, diagnostic } from '../text/index.ts';
import { commands } from './commands.ts';
import { Console, crashText, logName, usageText } from './console.ts';
import { type Context, UNUSABLE } from './context.ts';
import { type Flags, resolveFlags } from './flags.ts';
import type { CommandHelp, Given } from './options.ts';
import { peek } from './peek.ts';
import { parseArgv } from './program.ts';
import { versionText } from './version.ts';
import { isDbt, type World } from './world.ts';

/** Runs one command line (without interpreter and script) and answers the exit code. Several may run side by side in one process. */
export async function main(argv: readonly string[], given: World): Promise<number> {
  const world = discreet(given);
  const parsed = parseArgv(argv, versionText(isDbt(world)));
  if (parsed.kind === 'text') {
    world.stdout.write(parsed.text);
    return parsed.exitCode;
  }
  const colours = paint(world.terminal !== undefined && !world.env['NO_COLOR']);
  if (parsed.kind === 'mistake') {
    world.stderr.write(usageText(parsed.diagnostic, parsed.usage, colours));
    return UNUSABLE;
  }
  const named = parsed.given.get('project-dir');
  if (typeof named === 'string' && named !== '' && !fs.existsSync(path.resolve(world.cwd, named))) {
    const missing = diagnostic('bad-argument', { problem: `\`--project-dir\`: the folder ${named} does not exist` });
    world.stderr.write(usageText(missing, `dml ${parsed.command.words.join(' ')}`, colours));
    return UNUSABLE;
  }
  const started = world.now();
  const projectDir = projectDirOf(parsed.given, world);
  const peeked = peek(projectDir);
  let flags: Flags;
  try {
    flags = resolveFlags({
      command: parsed.command,
      given: parsed.given,
      env: world.env,
      project: peeked?.flags ?? {},
      projectDir,
      argv,
      argument: parsed.argument,
    });
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error;
    world.stderr.write(usageText(error.diagnostic, `dml ${parsed.command.words.join(' ')}`, colours));
    return UNUSABLE;
  }
  // Outside of a project there is no log: a mistyped folder must not fill with one.
  // As dbt: what is typed is relative to where it is typed, what the project says to the project.
  const ownLog = flags.logPath === undefined ? path.resolve(projectDir, peeked?.logPath ?? 'logs') : path.resolve(world.cwd, flags.logPath);
  const logDir = peeked === undefined || parsed.command.silent ? undefined : ownLog;
  const out = new Console(flags, world, logDir);
  let code = UNUSABLE;
  try {
    const { argument, given } = parsed;
    const context: Context = { flags, world, console: out, argument, given, targetPath: peeked?.targetPath, commands, run: runOne };
    code = await runOne(parsed.command, context);
  } catch (error) {
    if (error instanceof DiagnosticError) out.errors([error.diagnostic]);
    else {
      const text = crashText(error, logDir === undefined ? undefined : path.relative(world.cwd, path.join(logDir, logName(flags, world))));
      out.say('MainEncounteredError', 'Z002', `Encountered an error:\n${text}`, { exc: text }, 'error');
      out.say('MainStackTrace', 'Z003', error instanceof Error ? (error.stack ?? '') : '', {}, 'debug');
    }
    code = UNUSABLE;
  }
  const elapsed = (world.now() - started) / 1000;
  const ended = new Date(world.now()).toISOString();
  out.say(
    'CommandCompleted',
    'Q039',
    `Command \`dml ${flags.command}\` ${code === 0 ? 'succeeded' : 'failed'} at ${ended.slice(11, 23)} after ${elapsed.toFixed(2)} seconds`,
    { command: `dml ${flags.command}`, completed_at: ended, elapsed, success: code === 0 },
    'debug',
  );
  out.close();
  return code;
}

async function runOne(command: CommandHelp, c: Context): Promise<number> {
  const spec = commands.find((k) => k.words.join(' ') === command.words.join(' '));
  if (!spec) throw new Error(`there is no command ${command.words.join(' ')}`);
  const { run } = await spec.load();
  return run(c);
}

/** The world with the values of secret environment variables kept out of what is printed. */
function discreet(world: World): World {
  const { env, stdout, stderr } = world;
  if (!hasSecrets(env)) return world;
  return { ...world, stdout: { write: (text) => stdout.write(scrub(text, env)) }, stderr: { write: (text) => stderr.write(scrub(text, env)) } };
}

/** `--project-dir`, or the nearest folder with a dbt_project.yml from here upwards, or here. */
function projectDirOf(given: Given, world: World): string {
  const asked = given.get('project-dir') ?? world.env['DML_PROJECT_DIR'] ?? world.env['DBT_ENGINE_PROJECT_DIR'] ?? world.env['DBT_PROJECT_DIR'];
  if (typeof asked === 'string' && asked !== '') return path.resolve(world.cwd, asked);
  for (let dir = world.cwd; ; dir = path.dirname(dir)) {
    if (fs.existsSync(path.join(dir, 'dbt_project.yml'))) return dir;
    if (dir === path.dirname(dir)) return world.cwd;
  }
}
