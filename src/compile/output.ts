import type { Output } from '../context/index.ts';

/** Where a node's templates log to: everything goes on with the node's id. */
export type NodeLog = (node: string, level: 'debug' | 'info' | 'warn', message: string) => void;

/** The output of one node's templates, which can be held back: what an attempt has printed that is then given up must not be seen. */
export class NodeOutput implements Output {
  private readonly node: string;
  private readonly sink: NodeLog;
  private readonly show: (message: string) => void;
  private held: (() => void)[] | undefined;

  constructor(node: string, sink: NodeLog, show: (message: string) => void) {
    this.node = node;
    this.sink = sink;
    this.show = show;
  }

  log(message: string, info: boolean): void {
    this.send(() => this.sink(this.node, info ? 'info' : 'debug', message));
  }
  print(message: string): void {
    this.send(() => this.show(message));
  }
  warn(message: string): void {
    this.send(() => this.sink(this.node, 'warn', message));
  }

  private send(tell: () => void): void {
    if (this.held) this.held.push(tell);
    else tell();
  }

  hold(): void {
    this.held = [];
  }
  /** Ends holding back: tells what was said, or forgets it. */
  release(keep: boolean): void {
    const { held } = this;
    this.held = undefined;
    if (keep && held) for (const tell of held) tell();
  }
}

/** Output that goes nowhere. */
export const silent: Output = { log: () => undefined, print: () => undefined, warn: () => undefined };
