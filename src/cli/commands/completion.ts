import { type Context, OK, refuse } from '../context.ts';
import { type CommandHelp, globalOptions, type OptionSpec } from '../options.ts';

/** Prints a completion script. It holds all names itself, so that completing starts no process. */
export async function run(c: Context): Promise<number> {
  switch (c.argument) {
    case 'bash':
      c.console.output(bash(c.commands));
      return OK;
    case 'zsh':
      c.console.output(zsh(c.commands));
      return OK;
    case 'fish':
      c.console.output(fish(c.commands));
      return OK;
    default:
      return refuse(c, `there is no completion for \`${c.argument ?? ''}\``, 'bash, zsh and fish are known');
  }
}

/** First words of the command line: `docs` once for its two commands. */
function firstWords(commands: readonly CommandHelp[]): readonly string[] {
  return [...new Set(commands.flatMap((c) => [c.words[0] ?? '', ...(c.alias === undefined ? [] : [c.alias])]))];
}

function visible(c: CommandHelp): readonly OptionSpec[] {
  return [...c.options, ...globalOptions].filter((o) => !o.hidden);
}

function flagsOf(c: CommandHelp): string {
  return visible(c)
    .map((o) => (o.on ? `--no-${o.name}` : `--${o.name}`))
    .join(' ');
}

/** Shell patterns of a command's first word. */
function pattern(c: CommandHelp): string {
  return c.alias === undefined ? (c.words[0] ?? '') : `${c.words[0]}|${c.alias}`;
}

function cases(commands: readonly CommandHelp[], line: (flags: string, seconds: string) => string): string {
  const out: string[] = [];
  const done = new Set<string>();
  for (const c of commands) {
    const first = c.words[0] ?? '';
    if (done.has(first)) continue;
    done.add(first);
    const same = commands.filter((o) => o.words[0] === first);
    const flags = [...new Set(same.flatMap((o) => flagsOf(o).split(' ')))].join(' ');
    out.push(`    ${pattern(c)}) ${line(flags, same.flatMap((o) => o.words[1] ?? []).join(' '))} ;;`);
  }
  return out.join('\n');
}

function bash(commands: readonly CommandHelp[]): string {
  return `_dml() {
  local current="\${COMP_WORDS[COMP_CWORD]}" command="" words="" i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "\${COMP_WORDS[i]}" in -*) ;; *) command="\${COMP_WORDS[i]}"; break ;; esac
  done
  case "$command" in
    "") words="${firstWords(commands).join(' ')} --help --version" ;;
${cases(commands, (flags, seconds) => `words="${[seconds, flags].filter((w) => w !== '').join(' ')} --help"`)}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  [[ \${#COMPREPLY[@]} -gt 0 ]] || COMPREPLY=($(compgen -f -- "$current"))
}
complete -F _dml dml`;
}

function zsh(commands: readonly CommandHelp[]): string {
  return `#compdef dml
_dml() {
  local command="" word
  local -a names
  for word in \${words[2,CURRENT-1]}; do
    [[ $word == -* ]] || { command=$word; break; }
  done
  case "$command" in
    "") names=(${firstWords(commands).join(' ')} --help --version) ;;
${cases(commands, (flags, seconds) => `names=(${[seconds, flags].filter((w) => w !== '').join(' ')} --help)`)}
  esac
  compadd -- $names
  _files
}
compdef _dml dml`;
}

function fish(commands: readonly CommandHelp[]): string {
  const lines = ['complete -c dml -f -n __fish_use_subcommand -l version -d "Print the version."'];
  const quote = (s: string) => `'${s.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  for (const c of commands) {
    const [first = '', second] = c.words;
    const names = c.alias === undefined ? [first] : [first, c.alias];
    for (const name of names)
      lines.push(`complete -c dml -f -n __fish_use_subcommand -a ${name} -d ${quote(second === undefined ? c.summary : 'Documentation of the project.')}`);
    if (second !== undefined) lines.push(`complete -c dml -f -n '__fish_seen_subcommand_from ${first}' -a ${second} -d ${quote(c.summary)}`);
    for (const o of visible(c)) {
      const short = o.short === undefined ? '' : ` -s ${o.short}`;
      const values = o.choices ? ` -x -a ${quote(o.choices.join(' '))}` : o.type === 'switch' ? '' : ' -r';
      lines.push(
        `complete -c dml -n '__fish_seen_subcommand_from ${names.join(' ')}' -l ${o.on ? `no-${o.name}` : o.name}${short}${values} -d ${quote(o.help)}`,
      );
    }
  }
  return [...new Set(lines)].join('\n');
}
