import type { ConnectOptions } from '../adapters/index.ts';
import type { RunSettings } from './settings.ts';

/** What the debug log tells of statements. A session sends one at a time. */
export function statementEvents({ emit, now }: Pick<RunSettings, 'emit' | 'now'>): Required<Pick<ConnectOptions, 'onStatement' | 'onAnswer'>> {
  const sent = new Map<string | undefined, number>();
  return {
    onStatement(sql, label) {
      const time = now();
      sent.set(label, time);
      emit({ kind: 'statement', time, sql, ...(label !== undefined && { node: label }) });
    },
    onAnswer(status, label) {
      const time = now();
      const seconds = (time - (sent.get(label) ?? time)) / 1000;
      emit({ kind: 'answer', time, status, seconds, ...(label !== undefined && { node: label }) });
    },
  };
}
