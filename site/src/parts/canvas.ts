/** The colours and fonts of the style sheet, for what is drawn by hand. */
export type Palette = (name: string) => string;

/**
 * Reads custom properties such as `ink` (`--ink`) once each. Colours are read from an element that has them, since a property itself may hold one for light and
 * one for dark; `sans` and `mono` are fonts.
 */
export function paletteOf(element: Element): Palette {
  const probe = document.createElement('span');
  const known = new Map<string, string>();
  return (name) => {
    let value = known.get(name);
    if (value !== undefined) return value;
    if (name === 'sans' || name === 'mono') value = getComputedStyle(element).getPropertyValue(`--${name}`).trim();
    else {
      element.after(probe);
      probe.style.color = `var(--${name})`;
      value = getComputedStyle(probe).color;
      probe.remove();
    }
    known.set(name, value);
    return value;
  };
}

/** Gives a canvas as many dots as its place on the screen has; answers its size in CSS pixels, and a context that draws in them. */
export function fitted(canvas: HTMLCanvasElement): { readonly width: number; readonly height: number; readonly context: CanvasRenderingContext2D } {
  const { clientWidth: width, clientHeight: height } = canvas;
  const scale = Math.min(devicePixelRatio, 2);
  const [dotsAcross, dotsDown] = [Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale))];
  if (canvas.width !== dotsAcross || canvas.height !== dotsDown) {
    canvas.width = dotsAcross;
    canvas.height = dotsDown;
  }
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('this browser draws no canvas');
  context.setTransform(scale, 0, 0, scale, 0, 0);
  return { width, height, context };
}

/** A text cut to a width in its middle, since names often begin alike, measured in the context's present font. Cuts are remembered in `known`. */
export function clipped(context: CanvasRenderingContext2D, text: string, width: number, known: Map<string, string>): string {
  const key = `${width}|${context.font}|${text}`;
  const before = known.get(key);
  if (before !== undefined) return before;
  let [low, high] = [0, text.length];
  if (context.measureText(text).width <= width) low = high;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (context.measureText(shortened(text, middle)).width <= width) low = middle;
    else high = middle - 1;
  }
  const cut = low === text.length ? text : low === 0 ? '' : shortened(text, low);
  known.set(key, cut);
  return cut;
}

/** A text of which so many letters are left: more of its beginning than of its end. */
export function shortened(text: string, letters: number): string {
  const end = Math.floor(letters * 0.4);
  return `${text.slice(0, letters - end)}…${text.slice(text.length - end)}`;
}
