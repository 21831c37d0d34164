import { draw, type Look, type Place } from './draw.ts';
import type { Scene } from './scene.ts';

/** How much of the canvas a slide is larger than it, on each side. */
const MARGIN = 0.3;
/** Dots that a slide may have: more take longer to fill than a frame lasts where no graphics card helps. */
const DOTS = 4e6;
/** A slide is drawn anew where it would be shown at more or less than this times its size. */
const STRETCH = { least: 0.4, most: 1.6 };

/**
 * A drawing that is larger than its canvas and lies over it while the reader moves it: the browser shifts it as it is, which costs no drawing. It is drawn anew
 * when its edge comes into sight.
 */
export class Slide {
  private readonly canvas: HTMLCanvasElement;
  private readonly sheet = document.createElement('canvas');
  /** Where the sheet's corner stands; undefined: nothing of worth is drawn on it. */
  private place: Place | undefined;

  constructor(canvas: HTMLCanvasElement) {
    this.canvas = canvas;
    this.sheet.className = 'slide';
    this.sheet.setAttribute('aria-hidden', 'true');
  }

  /** Shows a place of the scene. `width` and `height`: of the canvas, in CSS pixels. */
  show(scene: Scene, look: Look, place: Place, width: number, height: number): void {
    if (this.place === undefined || !this.serves(this.place, place, width, height)) this.draw(scene, look, place, width, height);
    const { place: at = place, sheet } = this;
    const stretch = place.k / at.k;
    // Whole dots: shifted by parts of one, all of it would have to be mixed anew.
    const whole = (n: number) => (stretch === 1 ? Math.round(n * devicePixelRatio) / devicePixelRatio : n);
    sheet.style.transform = `translate(${whole((at.x - place.x) * place.k)}px, ${whole((at.y - place.y) * place.k)}px) scale(${stretch})`;
    if (!sheet.isConnected) {
      this.canvas.after(sheet);
      this.canvas.classList.add('covered');
    }
  }

  /** The canvas itself is seen again. */
  hide(): void {
    if (!this.sheet.isConnected) return;
    this.sheet.remove();
    this.canvas.classList.remove('covered');
  }

  /** What was drawn is no longer true. */
  spoil(): void {
    this.place = undefined;
  }

  private serves(at: Place, place: Place, width: number, height: number): boolean {
    const stretch = place.k / at.k;
    if (stretch > STRETCH.most || stretch < STRETCH.least) return false;
    // Whoever moves away sees empty edges until all comes to rest, rather than drawings without end.
    if (stretch < 0.99) return true;
    const [x, y] = [(place.x - at.x) * place.k, (place.y - at.y) * place.k];
    const size = (1 + 2 * MARGIN) * stretch;
    return x >= -1 && y >= -1 && x + width <= width * size + 1 && y + height <= height * size + 1;
  }

  private draw(scene: Scene, look: Look, place: Place, width: number, height: number): void {
    const [across, down] = [Math.ceil(width * (1 + 2 * MARGIN)), Math.ceil(height * (1 + 2 * MARGIN))];
    const dots = Math.min(devicePixelRatio, Math.sqrt(DOTS / (across * down)));
    const { sheet } = this;
    sheet.width = Math.ceil(across * dots);
    sheet.height = Math.ceil(down * dots);
    sheet.style.width = `${across}px`;
    sheet.style.height = `${down}px`;
    const context = sheet.getContext('2d');
    if (context === null) return;
    this.place = { k: place.k, x: place.x - (width * MARGIN) / place.k, y: place.y - (height * MARGIN) / place.k };
    context.setTransform(dots, 0, 0, dots, 0, 0);
    draw(context, across, down, scene, this.place, look);
  }
}
