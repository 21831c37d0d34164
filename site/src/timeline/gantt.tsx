import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Id } from '../../../src/docs/data/types.ts';
import { nameOf } from '../parts/basics.tsx';
import { clipped, fitted, type Palette, paletteOf } from '../parts/canvas.ts';
import { go, to } from '../router.ts';
import { duration } from '../text.ts';
import { useColours } from '../theme.ts';
import type { Bar } from './bar.ts';

const LANE = 26;
const AXIS = 22;
/** Bars are at least this wide, in pixels. */
const THIN = 1.5;

/** What part of the time is seen, in seconds. */
interface Window {
  readonly from: number;
  readonly until: number;
}

/** The bars of a run over time, a row for each thread; those of the critical path stand out. */
export function Gantt({
  bars,
  lanes,
  critical,
  choose,
}: {
  bars: readonly Bar[];
  lanes: number;
  critical: ReadonlySet<Id>;
  choose: (bar: Bar | undefined) => void;
}) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const colours = useColours();
  const whole = useMemo<Window>(() => ({ from: 0, until: Math.max(0.001, ...bars.map((b) => b.start + b.seconds)) }), [bars]);
  const [seen, see] = useState(whole);
  const [at, set] = useState(-1);
  useEffect(() => {
    const element = canvas.current;
    if (element === null) return;
    const redraw = () => draw(element, { bars, lanes, critical, seen, at });
    const watch = new ResizeObserver(redraw);
    watch.observe(element);
    return () => watch.disconnect();
  }, [bars, lanes, critical, seen, at, colours]);
  const point = (n: number) => {
    if (n === at) return;
    set(n);
    choose(bars[n]);
  };
  const zoom = (by: number) => see((now) => zoomed(now, whole, by));
  const keys = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step !== undefined) point(Math.max(0, Math.min(bars.length - 1, at + step)));
    else if (event.key === 'Enter' && bars[at]) go(pageOf(bars[at].id));
    else if (event.key === '+') zoom(0.5);
    else if (event.key === '-') zoom(2);
    else return;
    event.preventDefault();
  };
  return (
    <div class="gantt">
      <div class="tools">
        <button type="button" onClick={() => zoom(0.5)}>
          Zoom in
        </button>
        <button type="button" onClick={() => zoom(2)} disabled={seen === whole}>
          Zoom out
        </button>
        {seen !== whole && (
          <input
            type="range"
            aria-label="Part of the run"
            min={0}
            max={whole.until - (seen.until - seen.from)}
            step="any"
            value={seen.from}
            onInput={(e) => see({ from: e.currentTarget.valueAsNumber, until: e.currentTarget.valueAsNumber + seen.until - seen.from })}
          />
        )}
      </div>
      <canvas
        ref={canvas}
        style={{ height: `${lanes * LANE + AXIS}px` }}
        tabIndex={0}
        role="application"
        aria-roledescription="timeline"
        aria-label={`Timeline of ${bars.length} results. Arrow keys move through them in the order of their start.`}
        onPointerMove={(e) => point(hit(e, bars, seen))}
        onPointerLeave={() => point(-1)}
        onClick={(e) => {
          const bar = bars[hit(e, bars, seen)];
          if (bar) go(pageOf(bar.id));
        }}
        onKeyDown={keys}
      />
    </div>
  );
}

function pageOf(id: Id): string {
  return to(/^(?:unit_)?test\./.test(id) ? 'test' : 'node', id);
}

/** Around the middle, and never more than the whole. */
function zoomed(now: Window, whole: Window, by: number): Window {
  const span = (now.until - now.from) * by;
  if (span >= whole.until) return whole;
  const from = Math.max(0, Math.min(whole.until - span, (now.from + now.until - span) / 2));
  return { from, until: from + span };
}

/** The number of the bar under the pointer; the later one where several touch. */
function hit(
  event: { readonly currentTarget: HTMLCanvasElement; readonly offsetX: number; readonly offsetY: number },
  bars: readonly Bar[],
  seen: Window,
): number {
  const scale = event.currentTarget.clientWidth / (seen.until - seen.from);
  const lane = Math.floor((event.offsetY - AXIS) / LANE);
  const slack = 2 / scale;
  const time = seen.from + event.offsetX / scale;
  return bars.findLastIndex((b) => b.lane === lane && b.start - slack <= time && time <= b.start + Math.max(b.seconds, THIN / scale) + slack);
}

interface Picture {
  readonly bars: readonly Bar[];
  readonly lanes: number;
  readonly critical: ReadonlySet<Id>;
  readonly seen: Window;
  readonly at: number;
}

function draw(canvas: HTMLCanvasElement, { bars, lanes, critical, seen, at }: Picture): void {
  const { width, height, context: c } = fitted(canvas);
  const palette = paletteOf(canvas);
  const scale = width / (seen.until - seen.from);
  c.clearRect(0, 0, width, height);
  c.font = `12px ${palette('sans')}`;
  c.textBaseline = 'middle';
  drawAxis(c, palette, seen, width, height, lanes);
  const texts = new Map<string, string>();
  bars.forEach((bar, n) => {
    const x = (bar.start - seen.from) * scale;
    const w = Math.max(THIN, bar.seconds * scale - 1);
    if (x + w < 0 || x > width) return;
    const y = AXIS + bar.lane * LANE + 3;
    const main = critical.has(bar.id);
    c.fillStyle = palette(n === at ? 'ink' : bar.health === 'pass' ? (main ? 'accent' : 'bar') : bar.health);
    c.fillRect(x, y, w, LANE - 6);
    if (w < 40) return;
    c.fillStyle = palette(n === at || main || bar.health !== 'pass' ? 'paper' : 'ink');
    const left = Math.max(0, x) + 6;
    c.fillText(clipped(c, nameOf(bar.id), Math.round(x + w - left - 4), texts), left, y + LANE / 2 - 2);
  });
}

function drawAxis(c: CanvasRenderingContext2D, palette: Palette, seen: Window, width: number, height: number, lanes: number): void {
  const span = seen.until - seen.from;
  const step = stepOf(span / Math.max(2, width / 110));
  c.strokeStyle = palette('line');
  c.lineWidth = 1;
  c.fillStyle = palette('soft');
  for (let t = Math.ceil(seen.from / step) * step; t <= seen.until; t += step) {
    const x = Math.round(((t - seen.from) / span) * width) + 0.5;
    c.beginPath();
    c.moveTo(x, AXIS - 4);
    c.lineTo(x, height);
    c.stroke();
    const text = t === 0 ? '0' : duration(t);
    if (x + 4 + c.measureText(text).width < width) c.fillText(text, x + 4, AXIS / 2);
  }
  for (let lane = 0; lane <= lanes; lane++) {
    c.beginPath();
    c.moveTo(0, AXIS + lane * LANE + 0.5);
    c.lineTo(width, AXIS + lane * LANE + 0.5);
    c.stroke();
  }
}

/** A round number of seconds of at least `least`: 1, 2 or 5 times a power of ten. */
function stepOf(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  return power * ([1, 2, 5].find((n) => n * power >= least) ?? 10);
}
