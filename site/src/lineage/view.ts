import { eachLink } from '../../../src/docs/layout.ts';
import { fitted, type Palette, paletteOf } from '../parts/canvas.ts';
import { draw, LINE, type Look, type Place } from './draw.ts';
import { type Box, chainOf, type Scene } from './scene.ts';

/** What a view tells its page. */
export interface Listener {
  /** A box was chosen, or a column of it, or nothing. */
  focus(box: number | undefined, column: string | undefined): void;
  /** The pointer is over a box, or over a column of it, at this place of the canvas. */
  hover(box: number | undefined, column: string | undefined, x: number, y: number): void;
  /** A box is to be opened. */
  open(box: number): void;
}

const ZOOM = { least: 0.02, most: 2.5 };
/** A scene of more boxes and edges than this is moved as a picture while it is dragged. */
const MANY = 700;
/** How much larger than the canvas such a picture is, on each side. */
const MARGIN = 0.25;
const SETTLE = 140;

/** A scene on a canvas, which moves and grows under pointer, wheel, fingers and keys. */
export class View {
  private scene: Scene | undefined;
  private place: Place = { x: 0, y: 0, k: 1 };
  private colourOf: (box: Box) => string = () => 'accent';
  private focused: number | undefined;
  private hovered: number | undefined;
  private chain: ReadonlySet<number> | undefined;
  private texts = new Map<string, string>();
  private palette: Palette;
  private frame = 0;
  private settle: ReturnType<typeof setTimeout> | undefined;
  /** A drawing that is larger than the canvas, to be moved about. */
  private still: { readonly picture: HTMLCanvasElement; readonly place: Place } | undefined;
  private moving = false;
  private untouched = true;
  private readonly pointers = new Map<number, { readonly x: number; readonly y: number }>();
  private dragged = 0;
  private readonly done = new AbortController();
  private readonly canvas: HTMLCanvasElement;
  private readonly listener: Listener;

  /** `wheel: 'pinch'`: a plain wheel scrolls the page that the canvas is in. */
  constructor(canvas: HTMLCanvasElement, listener: Listener, wheel: 'zoom' | 'pinch') {
    this.canvas = canvas;
    this.listener = listener;
    this.palette = paletteOf(canvas);
    const { signal } = this.done;
    canvas.addEventListener('wheel', (e) => (wheel === 'zoom' || e.ctrlKey) && this.wheel(e), { signal, passive: false });
    canvas.addEventListener('pointerdown', (e) => this.down(e), { signal });
    canvas.addEventListener('pointermove', (e) => this.move(e), { signal });
    for (const end of ['pointerup', 'pointercancel'] as const) canvas.addEventListener(end, (e) => this.up(e), { signal });
    canvas.addEventListener('pointerleave', () => this.hover(undefined, undefined, 0, 0), { signal });
    canvas.addEventListener('dblclick', (e) => this.twice(e), { signal });
    canvas.addEventListener('keydown', (e) => this.key(e), { signal });
    const watch = new ResizeObserver(() => (this.untouched ? this.fit() : this.changed()));
    watch.observe(canvas);
    signal.addEventListener('abort', () => watch.disconnect());
  }

  close(): void {
    this.done.abort();
    cancelAnimationFrame(this.frame);
    clearTimeout(this.settle);
  }

  /** Shows a scene, all of it, or as near as its focus can be read. */
  show(scene: Scene, colourOf: (box: Box) => string, focus: number | undefined): void {
    this.scene = scene;
    this.colourOf = colourOf;
    this.hovered = undefined;
    this.untouched = true;
    this.focus(focus);
    this.fit();
  }

  /** Other colours for the same scene; also after the theme has changed. */
  recolour(colourOf: (box: Box) => string): void {
    this.colourOf = colourOf;
    this.palette = paletteOf(this.canvas);
    this.changed();
  }

  /** Lets a box and its chain stand out. */
  focus(box: number | undefined): void {
    this.focused = box;
    this.emphasize();
  }

  /** Lets some boxes stand out, whatever has the focus; undefined: those of the focus again. */
  mark(boxes: ReadonlySet<number> | undefined): void {
    if (boxes === undefined) this.emphasize();
    else {
      this.chain = boxes;
      this.changed();
    }
  }

  zoom(by: number): void {
    this.zoomAt(by, this.canvas.clientWidth / 2, this.canvas.clientHeight / 2);
  }

  /** All of the scene, but no larger than natural. Where it would be too small to read and a box has the focus, that box in the middle. */
  fit(): void {
    if (!this.scene) return;
    const { clientWidth: width, clientHeight: height } = this.canvas;
    const pad = 32;
    const k = Math.min(1, (width - pad) / Math.max(1, this.scene.width), (height - pad) / Math.max(1, this.scene.height));
    this.place = this.centred(Math.max(ZOOM.least, k), this.scene.width / 2, this.scene.height / 2);
    const box = this.focused === undefined ? undefined : this.scene.boxes[this.focused];
    if (box && k < 0.5 && this.scene.boxes.length < 400) this.place = this.centred(0.8, box.left + box.width / 2, box.top + box.height / 2);
    this.untouched = true;
    this.changed();
  }

  /** Moves a box into sight, where it is not. */
  reveal(n: number): void {
    const box = this.scene?.boxes[n];
    if (!box) return;
    const { k } = this.place;
    const [x, y] = [(box.left - this.place.x) * k, (box.top - this.place.y) * k];
    const inside = x > 0 && y > 0 && x + box.width * k < this.canvas.clientWidth && y + box.height * k < this.canvas.clientHeight;
    if (inside) return;
    this.untouched = false;
    this.place = this.centred(k, box.left + box.width / 2, box.top + box.height / 2);
    this.changed();
  }

  /** How the scene is drawn now, for a picture of it. */
  look(): Look {
    return { palette: this.palette, colourOf: this.colourOf, focus: this.focused, chain: this.chain, texts: this.texts };
  }

  private centred(k: number, x: number, y: number): Place {
    return { k, x: x - this.canvas.clientWidth / 2 / k, y: y - this.canvas.clientHeight / 2 / k };
  }

  private emphasize(): void {
    const box = this.hovered ?? this.focused;
    this.chain = box === undefined || !this.scene ? undefined : chainOf(this.scene, box);
    this.changed();
  }

  /** Something else than the place is different: the next frame is drawn anew. */
  private changed(): void {
    this.still = undefined;
    this.request();
  }

  private request(): void {
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => this.paint());
  }

  private paint(): void {
    const { scene } = this;
    if (!scene || this.canvas.clientWidth === 0) return;
    const { width, height, context } = fitted(this.canvas);
    if (this.moving && scene.boxes.length + scene.edges.length > MANY) {
      this.paintStill(scene, context, width, height);
      return;
    }
    draw(context, width, height, scene, this.place, this.look());
  }

  /** Moves the last drawing about; it is made anew when its edge comes into sight, or all has come to rest. */
  private paintStill(scene: Scene, context: CanvasRenderingContext2D, width: number, height: number): void {
    const { place } = this;
    let { still } = this;
    const scale = still ? place.k / still.place.k : 0;
    const corner = (s: { readonly place: Place }) => ({ x: (s.place.x - place.x) * place.k, y: (s.place.y - place.y) * place.k });
    const covers = (s: { readonly place: Place }) => {
      const { x, y } = corner(s);
      return x <= 1 && y <= 1 && x + width * (1 + 2 * MARGIN) * scale >= width - 1 && y + height * (1 + 2 * MARGIN) * scale >= height - 1;
    };
    if (!still || scale > 1.6 || scale < 0.4 || (!covers(still) && scale > 0.99)) {
      const picture = still?.picture ?? document.createElement('canvas');
      const dots = this.canvas.width / width;
      picture.width = Math.ceil(this.canvas.width * (1 + 2 * MARGIN));
      picture.height = Math.ceil(this.canvas.height * (1 + 2 * MARGIN));
      const c = picture.getContext('2d');
      if (c === null) return;
      const at = { k: place.k, x: place.x - (width * MARGIN) / place.k, y: place.y - (height * MARGIN) / place.k };
      c.setTransform(dots, 0, 0, dots, 0, 0);
      draw(c, width * (1 + 2 * MARGIN), height * (1 + 2 * MARGIN), scene, at, this.look());
      this.still = still = { picture, place: at };
    }
    const size = place.k / still.place.k;
    const { x, y } = corner(still);
    context.clearRect(0, 0, width, height);
    context.drawImage(still.picture, x, y, width * (1 + 2 * MARGIN) * size, height * (1 + 2 * MARGIN) * size);
  }

  /** The place is another: drawn at once, and once more when it has come to rest. */
  private moved(place: Place): void {
    this.place = place;
    this.untouched = false;
    this.moving = true;
    clearTimeout(this.settle);
    this.settle = setTimeout(() => {
      this.moving = false;
      this.changed();
    }, SETTLE);
    this.request();
  }

  private zoomAt(by: number, x: number, y: number): void {
    const { place } = this;
    const k = Math.max(ZOOM.least, Math.min(ZOOM.most, place.k * by));
    this.moved({ k, x: place.x + x / place.k - x / k, y: place.y + y / place.k - y / k });
  }

  private pan(x: number, y: number): void {
    this.moved({ ...this.place, x: this.place.x - x / this.place.k, y: this.place.y - y / this.place.k });
  }

  private wheel(event: WheelEvent): void {
    event.preventDefault();
    const unit = event.deltaMode === 1 ? 30 : 1;
    if (event.shiftKey) this.pan(-(event.deltaX || event.deltaY) * unit, 0);
    else this.zoomAt(Math.exp(-event.deltaY * unit * (event.ctrlKey ? 0.01 : 0.0016)), event.offsetX, event.offsetY);
  }

  private down(event: PointerEvent): void {
    this.canvas.setPointerCapture(event.pointerId);
    this.pointers.set(event.pointerId, { x: event.offsetX, y: event.offsetY });
    if (this.pointers.size === 1) this.dragged = 0;
  }

  private move(event: PointerEvent): void {
    const before = this.pointers.get(event.pointerId);
    const here = { x: event.offsetX, y: event.offsetY };
    if (!before) {
      const box = this.at(here.x, here.y);
      this.hover(box, this.columnAt(box, here.y), here.x, here.y);
      return;
    }
    this.dragged += Math.abs(here.x - before.x) + Math.abs(here.y - before.y);
    const other = [...this.pointers].find(([id]) => id !== event.pointerId)?.[1];
    this.pointers.set(event.pointerId, here);
    if (!other) {
      if (this.dragged > 4) this.pan(here.x - before.x, here.y - before.y);
      return;
    }
    const spread = (p: typeof here) => Math.hypot(p.x - other.x, p.y - other.y);
    this.pan((here.x - before.x) / 2, (here.y - before.y) / 2);
    this.zoomAt(spread(here) / Math.max(1, spread(before)), (here.x + other.x) / 2, (here.y + other.y) / 2);
  }

  private up(event: PointerEvent): void {
    const known = this.pointers.delete(event.pointerId);
    if (!known || event.type === 'pointercancel' || this.dragged > 4) return;
    const box = this.at(event.offsetX, event.offsetY);
    this.untouched = false;
    this.focus(box);
    this.listener.focus(box, this.columnAt(box, event.offsetY));
  }

  private twice(event: MouseEvent): void {
    const box = this.at(event.offsetX, event.offsetY);
    if (box === undefined) this.zoomAt(1.6, event.offsetX, event.offsetY);
    else this.listener.open(box);
  }

  private hover(box: number | undefined, column: string | undefined, x: number, y: number): void {
    this.listener.hover(box, column, x, y);
    this.canvas.classList.toggle('over', box !== undefined);
    if (box === this.hovered) return;
    this.hovered = box;
    this.emphasize();
  }

  /** The box at a place of the canvas. */
  private at(x: number, y: number): number | undefined {
    const [left, top] = [this.place.x + x / this.place.k, this.place.y + y / this.place.k];
    const n = this.scene?.boxes.findIndex((b) => b.left <= left && left <= b.left + b.width && b.top <= top && top <= b.top + b.height) ?? -1;
    return n === -1 ? undefined : n;
  }

  private columnAt(n: number | undefined, y: number): string | undefined {
    const box = n === undefined ? undefined : this.scene?.boxes[n];
    if (!box?.columns) return undefined;
    return box.columns[Math.floor((this.place.y + y / this.place.k - box.top - LINE - 8) / LINE)];
  }

  private key(event: KeyboardEvent): void {
    const arrow = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (arrow && event.shiftKey) this.pan(-(arrow[0] ?? 0) * 60, -(arrow[1] ?? 0) * 60);
    else if (arrow) this.step(arrow[0] ?? 0, arrow[1] ?? 0);
    else if (event.key === '+' || event.key === '=') this.zoom(1.25);
    else if (event.key === '-') this.zoom(0.8);
    else if (event.key === '0') this.fit();
    else if (event.key === 'Enter' && this.focused !== undefined) this.listener.open(this.focused);
    else if (event.key === 'Escape' && this.focused !== undefined) this.choose(undefined);
    else return;
    event.preventDefault();
  }

  private choose(box: number | undefined): void {
    this.untouched = false;
    this.focus(box);
    this.listener.focus(box, undefined);
    if (box !== undefined) this.reveal(box);
  }

  /** To the neighbour that lies in a direction: along edges to the sides, within the column up and down. */
  private step(across: number, down: number): void {
    const { scene } = this;
    if (!scene || scene.boxes.length === 0) return;
    const from = this.focused === undefined ? undefined : scene.boxes[this.focused];
    if (this.focused === undefined || !from) {
      this.choose(0);
      return;
    }
    const candidates: number[] = [];
    if (across !== 0) eachLink(across > 0 ? scene.down : scene.up, this.focused, (n) => candidates.push(n));
    else {
      const beside = (b: Box) => Math.abs(b.left - from.left) < from.width / 2 && (b.top - from.top) * down > 0;
      candidates.push(...scene.boxes.flatMap((b, n) => (beside(b) ? [n] : [])));
    }
    const distance = (n: number) => {
      const box = scene.boxes[n] as Box;
      return Math.abs(box.top - from.top) + Math.abs(box.left - from.left) / 10;
    };
    const next = candidates.sort((a, b) => distance(a) - distance(b))[0];
    if (next !== undefined) this.choose(next);
  }
}
