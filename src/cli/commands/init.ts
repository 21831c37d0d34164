import fs from 'node:fs';
import path from 'node:path';
import { diagnostic } from '../../text/index.ts';
import { type Context, OK, refuse, UNUSABLE } from '../context.ts';

const KINDS = ['empty', 'shop', 'postgres'] as const;
const PLACEHOLDER = '__project_name__';
const NAME = /^[A-Za-z_]\w*$/;

/** Writes a new project from `templates/init/<kind>`. Asks at a terminal for what was not given, and never without one. */
export async function run(c: Context): Promise<number> {
  const { world, console: out } = c;
  const name = c.argument ?? (await world.ask?.('Name of the project (letters, digits and underscores): '))?.trim();
  if (name === undefined || name === '') return refuse(c, 'a name for the project is missing', 'write `dml init NAME`');
  if (!NAME.test(name)) return refused(c, `\`${name}\` cannot be the name of a project: use letters, digits and underscores, and no digit first`);
  const kind = (c.flags.values.get('kind') as string | undefined) ?? (c.argument === undefined && world.ask ? await askKind(world.ask) : 'shop');
  if (!KINDS.some((k) => k === kind)) return refuse(c, `there is no kind \`${kind}\``, `choose one of ${KINDS.join(', ')}`);
  const base = c.flags.values.has('project-dir') ? c.flags.projectDir : world.cwd;
  const dir = path.join(base, name);
  if (fs.existsSync(dir) && (!fs.statSync(dir).isDirectory() || fs.readdirSync(dir).length > 0))
    return refused(c, `\`${name}\` exists already and is not an empty folder`);
  const template = path.join(world.templates, 'init', kind);
  const files = listFiles(template, '');
  for (const file of files) {
    // npm leaves out files that are really called .gitignore.
    const to = path.join(dir, file.replaceAll(PLACEHOLDER, name).replace(/(^|\/)gitignore$/, '$1.gitignore'));
    fs.mkdirSync(path.dirname(to), { recursive: true });
    fs.writeFileSync(to, fs.readFileSync(path.join(template, file), 'utf8').replaceAll(PLACEHOLDER, name));
  }
  out.output(`Wrote the project ${name} (${files.length} files). Next:\n  cd ${name}\n  dml build`);
  return OK;
}

async function askKind(ask: (question: string) => Promise<string>): Promise<string> {
  const answer = (await ask(`Start from ${KINDS.join(', ')} (default: shop): `)).trim().toLowerCase();
  return answer === '' ? 'shop' : answer;
}

function refused(c: Context, problem: string): number {
  c.console.errors([diagnostic('init-refused', { problem })]);
  return UNUSABLE;
}

function listFiles(root: string, below: string): readonly string[] {
  return fs.readdirSync(path.join(root, below), { withFileTypes: true }).flatMap((entry) => {
    const file = below === '' ? entry.name : `${below}/${entry.name}`;
    return entry.isDirectory() ? listFiles(root, file) : [file];
  });
}
