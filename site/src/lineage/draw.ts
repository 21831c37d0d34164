import { clipped, type Palette } from '../parts/canvas.ts';
import { PATHS } from '../parts/icon.tsx';
import { type Chain, columnKey } from './chain.ts';
import type { Box, Edge, Scene } from './scene.ts';

/** Which part of a scene is seen: `x` and `y` stand in the corner at the top left, `k` is how much larger than natural all is. */
export interface Place {
  readonly x: number;
  readonly y: number;
  readonly k: number;
}

/** How a scene is drawn. */
export interface Look {
  readonly palette: Palette;
  /** Custom property of the colour of a box. */
  readonly colourOf: (box: Box) => string;
  /** The box that stands out most, if any. */
  readonly focus: number | undefined;
  /** What stands out; undefined: all alike. */
  readonly chain: Chain | undefined;
  /** Texts that were cut before, by width and font. */
  readonly texts: Map<string, string>;
}

/** Smaller than `NEAR`, boxes have no texts; smaller than `FAR`, edges no curves; larger than `CLOSE`, boxes have the drawing of their kind. */
const NEAR = 0.36;
const FAR = 0.28;
const CLOSE = 0.62;
/** Height of the line of a column below a box's name. */
export const LINE = 20;

/** Draws what can be seen of a scene: all edges as one path, boxes of one colour as one, texts only where they can be read. */
export function draw(c: CanvasRenderingContext2D, width: number, height: number, scene: Scene, place: Place, look: Look): void {
  c.save();
  c.clearRect(0, 0, width, height);
  c.scale(place.k, place.k);
  c.translate(-place.x, -place.y);
  const window = { left: place.x - 40, top: place.y - 40, right: place.x + width / place.k + 40, bottom: place.y + height / place.k + 40 };
  drawEdges(c, scene, place.k, look, window);
  const seen = scene.boxes.flatMap((box, n) => (touches(box, window) ? [n] : []));
  if (place.k < NEAR) drawBlocks(c, scene, seen, look);
  else for (const n of seen) drawBox(c, scene.boxes[n] as Box, n, place.k, look);
  c.restore();
}

interface Window {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

function touches(box: Box, w: Window): boolean {
  return box.left < w.right && box.left + box.width > w.left && box.top < w.bottom && box.top + box.height > w.top;
}

function drawEdges(c: CanvasRenderingContext2D, scene: Scene, k: number, look: Look, window: Window): void {
  const { chain, palette } = look;
  const passes = chain === undefined ? [undefined] : [false, true];
  c.lineJoin = 'round';
  for (const inChain of passes) {
    for (const dashed of [false, true]) {
      c.beginPath();
      let some = false;
      for (const edge of scene.edges) {
        if ((edge.indirect ?? false) !== dashed || !crosses(edge, window)) continue;
        if (inChain !== undefined && chain?.edges.has(edge) !== inChain) continue;
        trace(c, edge, k >= FAR);
        some = true;
      }
      if (!some) continue;
      c.setLineDash(dashed ? [4, 4] : []);
      c.strokeStyle = palette(inChain === true ? 'edge-strong' : inChain === false ? 'edge-faint' : 'edge');
      c.lineWidth = inChain ? 1.8 / Math.min(1, k * 1.4) : k < FAR ? 0.6 / k : 1.2 / Math.min(1, k * 1.4);
      c.stroke();
    }
  }
  c.setLineDash([]);
}

function crosses({ points }: Edge, w: Window): boolean {
  const [x1 = 0, y1 = 0] = points;
  const [x2 = 0, y2 = 0] = points.slice(-2);
  if (Math.max(x1, x2) < w.left || Math.min(x1, x2) > w.right) return false;
  // The way between may lead around others: only edges whose ends are both far above or below, without bends, are left out.
  return points.length > 4 || (Math.max(y1, y2) > w.top && Math.min(y1, y2) < w.bottom);
}

/** Adds an edge to the path: level stretches are lines, the others swing from level to level. */
function trace(c: CanvasPath, { points }: Edge, curved: boolean): void {
  let [x = 0, y = 0] = points;
  c.moveTo(x, y);
  for (let i = 2; i < points.length; i += 2) {
    const [nextX = 0, nextY = 0] = [points[i], points[i + 1]];
    const middle = (x + nextX) / 2;
    if (curved && y !== nextY) c.bezierCurveTo(middle, y, middle, nextY, nextX, nextY);
    else c.lineTo(nextX, nextY);
    x = nextX;
    y = nextY;
  }
}

/** Boxes from afar: filled with their colour. */
function drawBlocks(c: CanvasRenderingContext2D, scene: Scene, seen: readonly number[], look: Look): void {
  const byColour = new Map<string, Box[]>();
  for (const n of seen) {
    const box = scene.boxes[n] as Box;
    const colour = look.chain && !look.chain.boxes.has(n) ? 'block-faint' : n === look.focus ? 'ink' : look.colourOf(box);
    const others = byColour.get(colour);
    if (others) others.push(box);
    else byColour.set(colour, [box]);
  }
  for (const [colour, boxes] of byColour) {
    c.fillStyle = look.palette(colour);
    for (const box of boxes) c.fillRect(box.left, box.top, box.width, box.height);
  }
}

/** A box from near: its colour at its left, the drawing of its kind, its name, and a mark where tests do not pass. */
function drawBox(c: CanvasRenderingContext2D, box: Box, n: number, k: number, look: Look): void {
  const { palette } = look;
  const faded = look.chain !== undefined && !look.chain.boxes.has(n);
  const head = box.columns ? LINE + 8 : box.height;
  c.globalAlpha = faded ? 0.4 : 1;
  c.beginPath();
  c.roundRect(box.left, box.top, box.width, box.height, 6);
  c.fillStyle = palette(n === look.focus ? 'accent-soft' : 'surface');
  c.fill();
  c.strokeStyle = palette(n === look.focus ? 'accent' : 'line-strong');
  c.lineWidth = n === look.focus ? 2 : 1;
  c.stroke();
  c.fillStyle = palette(look.colourOf(box));
  c.beginPath();
  c.roundRect(box.left, box.top, 5, box.height, [6, 0, 0, 6]);
  c.fill();
  const close = k >= CLOSE;
  if (close) drawIcon(c, PATHS[box.row.type], box.left + 12, box.top + head / 2 - 7, palette(`kind-${box.row.type}`));
  const bad =
    (box.row.tests?.[2] ?? 0) > 0 || box.row.status === 'fail' ? 'fail' : (box.row.tests?.[1] ?? 0) > 0 || box.row.status === 'warn' ? 'warn' : undefined;
  c.fillStyle = palette('ink');
  c.textBaseline = 'middle';
  // From farther away letters grow, as far as their box lets them, so that they can be read a little longer.
  const size = Math.max(12.5, Math.min(20, 9.5 / k));
  const left = close ? 31 : 12;
  c.font = `${n === look.focus ? '600 ' : ''}${size.toFixed(1)}px ${palette('sans')}`;
  c.fillText(clipped(c, box.row.name, box.width - left - (bad === undefined ? 9 : 25), look.texts), box.left + left, box.top + head / 2 + 0.5);
  if (bad !== undefined) drawBad(c, bad, box.left + box.width - 15, box.top + head / 2, palette);
  drawColumns(c, box, n, head, look);
  c.globalAlpha = 1;
}

function drawIcon(c: CanvasRenderingContext2D, path: string, x: number, y: number, colour: string): void {
  c.save();
  c.translate(x, y);
  c.scale(0.875, 0.875);
  c.strokeStyle = colour;
  c.lineWidth = 1.4;
  c.stroke(new Path2D(path));
  c.restore();
}

function drawBad(c: CanvasRenderingContext2D, bad: 'warn' | 'fail', x: number, y: number, palette: Palette): void {
  c.fillStyle = palette(bad);
  c.beginPath();
  if (bad === 'fail') c.arc(x, y, 5, 0, 7);
  else {
    c.moveTo(x, y - 6);
    c.lineTo(x + 6, y + 5);
    c.lineTo(x - 6, y + 5);
  }
  c.fill();
}

function drawColumns(c: CanvasRenderingContext2D, box: Box, n: number, head: number, look: Look): void {
  c.font = `11.5px ${look.palette('mono')}`;
  box.columns?.forEach((column, line) => {
    c.fillStyle = look.palette(look.chain?.columns?.has(columnKey(n, column)) ? 'edge-strong' : 'soft');
    c.fillText(clipped(c, column, box.width - 28, look.texts), box.left + 16, box.top + head + line * LINE + LINE / 2 - 3);
  });
}
