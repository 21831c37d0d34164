import type { RunEntry } from '../../../src/docs/data/types.ts';
import { duration, moment } from '../text.ts';

const WIDTH = 10;
const GAP = 3;
const HEIGHT = 56;

/** The durations of runs as bars, oldest first, coloured by how they ended. */
export function RunChart({ runs }: { runs: readonly RunEntry[] }) {
  const inOrder = [...runs].reverse();
  const longest = Math.max(...inOrder.map((r) => r.seconds), 0.001);
  const width = inOrder.length * (WIDTH + GAP);
  const mean = inOrder.reduce((sum, r) => sum + r.seconds, 0) / inOrder.length;
  const text = `${inOrder.length} runs, ${duration(mean)} on average, ${duration(longest)} at most`;
  return (
    <figure class="run-chart">
      <svg viewBox={`0 0 ${width} ${HEIGHT}`} width={width} height={HEIGHT} role="img" aria-label={text}>
        {inOrder.map((r, n) => {
          const height = Math.max(3, (r.seconds / longest) * (HEIGHT - 2));
          return (
            <rect key={r.invocation} class={`bar bar-${r.health}`} x={n * (WIDTH + GAP)} y={HEIGHT - height} width={WIDTH} height={height} rx="2">
              <title>{`${moment(r.at)}: ${r.status}, ${duration(r.seconds)}`}</title>
            </rect>
          );
        })}
      </svg>
      <figcaption>{text}</figcaption>
    </figure>
  );
}
