import fs from 'node:fs';
import path from 'node:path';
import { diagnostic } from '../../text/index.ts';
import { type Context, OK, refuse, UNUSABLE } from '../context.ts';

/** Stands in each file that is written, so that it is known again. */
const MARK = 'Written by `dml install-shim`';

/** Writes a program `dbt` that runs this dml into a folder, for tools that insist on the name. */
export async function run(c: Context): Promise<number> {
  const { world, console: out } = c;
  const dir = path.resolve(world.cwd, c.argument ?? '');
  const problem = unusable(dir);
  if (problem !== undefined) return refuse(c, ...problem);
  const files = shims(path.join(world.templates, '..', 'bin', 'dml.cjs'));
  const foreign = c.flags.values.get('force') === true ? undefined : Object.keys(files).find((name) => isForeign(path.join(dir, name)));
  if (foreign !== undefined) {
    c.console.errors([diagnostic('shim-foreign', { file: path.join(dir, foreign) })]);
    return UNUSABLE;
  }
  for (const [name, text] of Object.entries(files)) {
    // What is there may be a link to a program elsewhere, which is not to be written over.
    fs.rmSync(path.join(dir, name), { force: true });
    fs.writeFileSync(path.join(dir, name), text, { mode: 0o755 });
  }
  out.output(`Wrote ${path.join(dir, 'dbt')}, which runs dml.${before(dir, world.env)}`);
  return OK;
}

/** Why nothing can be written there, and what to do; undefined where it can. */
function unusable(dir: string): readonly [problem: string, hint?: string] | undefined {
  if (!fs.existsSync(dir)) return [`the folder ${dir} does not exist`, `make it: \`mkdir -p ${dir}\``];
  if (!fs.statSync(dir).isDirectory()) return [`${dir} is not a folder`];
  try {
    fs.accessSync(dir, fs.constants.W_OK);
    return undefined;
  } catch {
    return [`the folder ${dir} cannot be written to`];
  }
}

/** The files by name. They name this very installation and this Node, since the tools that call them have a PATH of their own. */
function shims(dml: string): Readonly<Record<string, string>> {
  const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;
  return {
    dbt: `#!/bin/sh\n# ${MARK}: runs dml where a program asks for dbt.\nDML_AS_DBT=1\nexport DML_AS_DBT\nexec ${quoted(process.execPath)} ${quoted(dml)} "$@"\n`,
    'dbt.cmd': `@echo off\r\nrem ${MARK}: runs dml where a program asks for dbt.\r\nset DML_AS_DBT=1\r\n"${process.execPath}" "${dml}" %*\r\n`,
  };
}

/** Whether somebody else's file is there. */
function isForeign(file: string): boolean {
  return fs.existsSync(file) && !fs.readFileSync(file, 'utf8').includes(MARK);
}

/** What to do so that `dbt` is this one; nothing where it is already. */
function before(dir: string, env: Context['world']['env']): string {
  const folders = (env['PATH'] ?? '').split(path.delimiter).filter((folder) => folder !== '');
  const first = folders.find((folder) => folder === dir || fs.existsSync(path.join(folder, 'dbt')));
  return first === dir ? '' : `\nPut the folder first in PATH: export PATH=${dir}:$PATH`;
}
