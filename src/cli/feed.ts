import type { Event } from '../run/index.ts';

/** The events of a run, kept from its beginning: everyone who iterates gets all of them, however late, and then waits for the rest. */
export class Feed implements AsyncIterable<Event> {
  private readonly events: Event[] = [];
  private waiting: (() => void)[] = [];
  private ended: { readonly error?: unknown } | undefined;

  push(event: Event): void {
    this.events.push(event);
    this.wake();
  }

  /** Nothing more follows; with an error, iterating ends by throwing it. */
  end(outcome: { readonly error?: unknown } = {}): void {
    this.ended = outcome;
    this.wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Event, void, undefined> {
    for (let i = 0; ; i++) {
      while (i === this.events.length && !this.ended) await new Promise<void>((wake) => this.waiting.push(wake));
      const event = this.events[i];
      if (event) yield event;
      else if (this.ended && 'error' in this.ended) throw this.ended.error;
      else return;
    }
  }

  private wake(): void {
    const waiting = this.waiting;
    this.waiting = [];
    for (const wake of waiting) wake();
  }
}
