import { eachLink } from '../../../src/docs/layout.ts';
import { fitted, type Palette, paletteOf } from '../parts/canvas.ts';
import { boxChain, type Chain, columnChain } from './chain.ts';
import { draw, LINE, type Look, type Place } from './draw.ts';
import type { Box, Scene } from './scene.ts';
import { Slide } from './slide.ts';

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
const MANY = 150;
const SETTLE = 140;

/** A scene on a canvas, which moves and grows under pointer, wheel, fingers and keys. */
export class View {
  private scene: Scene | undefined;
  private place: Place = { x: 0, y: 0, k: 1 };
  private colourOf: (box: Box) => string = () => 'accent';
  private focused: number | undefined;
  private hovered: number | undefined;
  /** The column of `hovered` that the pointer is over. */
  private hoveredColumn: string | undefined;
  private chain: Chain | undefined;
  private texts = new Map<string, string>();
  private palette: Palette;
  private frame = 0;
  private settle: ReturnType<typeof setTimeout> | undefined;
  private moving = false;
  private untouched = true;
  private readonly pointers = new Map<number, { readonly x: number; readonly y: number }>();
  private dragged = 0;
  private readonly done = new AbortController();
  private readonly canvas: HTMLCanvasElement;
  private readonly slide: Slide;
  private readonly listener: Listener;

  /** `wheel: 'pinch'`: a plain wheel scrolls the page that the canvas is in. */
  constructor(canvas: HTMLCanvasElement, listener: Listener, wheel: 'zoom' | 'pinch') {
    this.canvas = canvas;
    this.slide = new Slide(canvas);
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
    const watch = new ResizeObserver(() => (this.untouched ? this.begin() : this.changed()));
    watch.observe(canvas);
    signal.addEventListener('abort', () => watch.disconnect());
  }

  close(): void {
    this.done.abort();
    cancelAnimationFrame(this.frame);
    clearTimeout(this.settle);
    this.slide.hide();
  }

  /** Shows a scene, all of it, or as near as its focus can be read. */
  show(scene: Scene, colourOf: (box: Box) => string, focus: number | undefined): void {
    this.scene = scene;
    this.colourOf = colourOf;
    [this.hovered, this.hoveredColumn] = [undefined, undefined];
    this.focus(focus);
    this.begin();
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

  /** Lets something else stand out than what has the focus; undefined: that again. */
  mark(chain: Chain | undefined): void {
    if (chain === undefined) this.emphasize();
    else {
      this.chain = chain;
      this.changed();
    }
  }

  zoom(by: number): void {
    this.zoomAt(by, this.canvas.clientWidth / 2, this.canvas.clientHeight / 2);
  }

  /** All of the scene, but no larger than natural. */
  fit(): void {
    if (!this.scene) return;
    const { clientWidth: width, clientHeight: height } = this.canvas;
    const pad = 32;
    const k = Math.min(1, (width - pad) / Math.max(1, this.scene.width), (height - pad) / Math.max(1, this.scene.height));
    this.place = this.centred(Math.max(ZOOM.least, k), this.scene.width / 2, this.scene.height / 2);
    this.untouched = false;
    this.changed();
  }

  /** Where a reader begins: with all of it; where that is too small to read and a box has the focus, with that box in the middle. */
  private begin(): void {
    this.fit();
    const box = this.focused === undefined ? undefined : this.scene?.boxes[this.focused];
    if (box && this.place.k < 0.5 && (this.scene?.boxes.length ?? 0) < 400) this.place = this.centred(0.8, box.left + box.width / 2, box.top + box.height / 2);
    this.untouched = true;
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
    const { scene, hoveredColumn } = this;
    const box = this.hovered ?? this.focused;
    if (box === undefined || !scene) this.chain = undefined;
    else this.chain = hoveredColumn === undefined ? boxChain(scene, box) : columnChain(scene, box, hoveredColumn);
    this.changed();
  }

  /** Something else than the place is different: the next frame is drawn anew. */
  private changed(): void {
    this.slide.spoil();
    this.request();
  }

  private request(): void {
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => this.paint());
  }

  private paint(): void {
    const { scene } = this;
    if (!scene || this.canvas.clientWidth === 0) return;
    if (this.moving && scene.boxes.length + scene.edges.length > MANY) {
      this.slide.show(scene, this.look(), this.place, this.canvas.clientWidth, this.canvas.clientHeight);
      return;
    }
    const { width, height, context } = fitted(this.canvas);
    draw(context, width, height, scene, this.place, this.look());
    this.slide.hide();
  }

  /** The place is another: drawn at once, and once more when it has come to rest. */
  private moved(place: Place): void {
    this.place = place;
    this.untouched = false;
    this.moving = true;
    clearTimeout(this.settle);
    this.settle = setTimeout(() => {
      this.moving = false;
      this.request();
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
    // Two fingers never choose.
    this.dragged = this.pointers.size === 1 ? 0 : Number.POSITIVE_INFINITY;
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
    if (box === this.hovered && column === this.hoveredColumn) return;
    [this.hovered, this.hoveredColumn] = [box, column];
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
