import fs from 'node:fs';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { fail } from '../text/index.ts';

/** A file to write: its place below the target folder, and its text. */
type Piece = readonly [file: string, text: string];

// A thread costs as much as writing a few hundred files, and saves the main thread from waiting for the disk beyond that.
const ALONE = 300;
const BATCH = 64;

/**
 * Writes compiled and run SQL below the target folder. Big projects write from a thread of their own, since making a file can take longer than
 * compiling it: `flush` waits for what is under way, and writes what else there is of files that were written already. Text of a former run is simply replaced.
 */
export class SqlFiles {
  private readonly target: string;
  private readonly made = new Set<string>();
  private readonly written = new Set<string>();
  /** The last texts of files that were written more than once, as the fixtures of unit tests are. */
  private readonly again = new Map<string, string>();
  private waiting: Piece[] = [];
  private writer: Writer | undefined;

  /** `target`: absolute. */
  constructor(target: string) {
    this.target = target;
  }

  /** Writes `target/<kind>/<file>`, now or soon. */
  write(kind: 'compiled' | 'run', file: string, sql: string): void {
    const whole = path.join(this.target, kind, file);
    if (this.written.has(whole)) this.again.set(whole, sql);
    else this.put(whole, sql);
  }

  private put(whole: string, sql: string): void {
    this.folder(whole);
    this.written.add(whole);
    if (this.written.size <= ALONE) {
      try {
        fs.writeFileSync(whole, sql);
      } catch (error) {
        refuse(whole, error);
      }
      return;
    }
    this.waiting.push([whole, sql]);
    if (this.waiting.length >= BATCH) this.send();
  }

  private folder(whole: string): void {
    const dir = path.dirname(whole);
    if (this.made.has(dir)) return;
    try {
      fs.mkdirSync(dir, { recursive: true });
    } catch (error) {
      refuse(whole, error);
    }
    this.made.add(dir);
  }

  private send(): void {
    this.writer ??= new Writer();
    this.writer.write(this.waiting);
    this.waiting = [];
  }

  /** Ends when everything is on disk; throws a diagnostic where something could not be written. */
  async flush(): Promise<void> {
    try {
      for (const [whole, sql] of this.again) this.put(whole, sql);
      this.again.clear();
      if (this.waiting.length > 0) this.send();
    } finally {
      const { writer } = this;
      this.writer = undefined;
      await writer?.end();
    }
  }
}

function refuse(file: string, error: unknown): never {
  return fail('file-not-written', { path: file, problem: (error as Error).message });
}

// Runs in the thread, which knows nothing of this module: plain CommonJS.
const SOURCE = `
const { parentPort } = require('node:worker_threads');
const { writeFileSync } = require('node:fs');
let failed;
parentPort.on('message', (pieces) => {
  for (const [file, text] of pieces ?? []) {
    try {
      writeFileSync(file, text);
    } catch (error) {
      failed ??= { file, message: error.message };
    }
  }
  if (pieces !== null) return;
  parentPort.postMessage(failed);
  parentPort.close();
});
`;

/** The thread that writes. */
class Writer {
  private readonly worker = new Worker(SOURCE, { eval: true });
  private readonly ended: Promise<void>;

  constructor() {
    this.ended = new Promise((resolve, reject) => {
      let problem: { readonly file: string; readonly message: string } | undefined;
      this.worker.on('message', (message: typeof problem) => {
        problem = message;
      });
      this.worker.on('error', reject);
      this.worker.on('exit', () => {
        if (!problem) return resolve();
        try {
          refuse(problem.file, new Error(problem.message));
        } catch (error) {
          reject(error);
        }
      });
    });
    // The end is awaited later: until then an error must not count as unhandled.
    this.ended.catch(() => undefined);
  }

  write(pieces: readonly Piece[]): void {
    this.worker.postMessage(pieces);
  }

  end(): Promise<void> {
    this.worker.postMessage(null);
    return this.ended;
  }
}
