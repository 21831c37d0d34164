import { randomUUID } from 'node:crypto';
import os from 'node:os';
import { fileURLToPath } from 'node:url';
import type { World } from './cli/world.ts';

const { stdin, stdout, stderr } = process;
const interrupt = new AbortController();

function world(): World {
  return {
    cwd: process.cwd(),
    env: process.env,
    home: os.homedir(),
    pid: process.pid,
    stdout,
    stderr,
    terminal: stdout.isTTY ? () => ({ columns: stdout.columns || 80, rows: stdout.rows || 24 }) : undefined,
    ask: stdin.isTTY && stdout.isTTY ? ask : undefined,
    now: Date.now,
    every: (milliseconds, call) => {
      const timer = setInterval(call, milliseconds);
      return () => clearInterval(timer);
    },
    signal: interrupt.signal,
    invocationId: randomUUID(),
    templates: fileURLToPath(new URL('../templates/', import.meta.url)),
    library: fileURLToPath(new URL('../dist/macros.json', import.meta.url)),
  };
}

async function ask(question: string): Promise<string> {
  const readline = await import('node:readline/promises');
  const lines = readline.createInterface({ input: stdin, output: stdout });
  try {
    return await lines.question(question, { signal: interrupt.signal });
  } finally {
    lines.close();
  }
}

async function start(): Promise<void> {
  const argv = process.argv.slice(2);
  // The first interrupt lets the run end in order; the second one ends the process at once, with the cursor shown.
  process.on('SIGINT', () => {
    if (interrupt.signal.aborted) {
      if (stdout.isTTY) stdout.write('\u001b[?25h\n');
      process.exit(130);
    }
    interrupt.abort();
  });
  process.on('SIGTERM', () => interrupt.abort());
  // A reader that went away (`dml ls | head`) is no mistake.
  stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 2));
  const { main } = await import('./cli/main.ts');
  process.exitCode = await main(argv, world());
}

void start();
