// What is to be seen on the canvas of the lineage page, and fingers that touch it.
import type { Page } from 'playwright-core';

interface Point {
  readonly x: number;
  readonly y: number;
}

interface Seen {
  /** The part of the page that the drawing covers, in CSS pixels. */
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  /** Dots that have the colour of edges that stand out. */
  readonly lit: number;
}

/** Looks at the canvas once it rests: frames come after events, and a drawing that was moved about is made anew in the end. */
export async function seen(page: Page): Promise<Seen> {
  await page.evaluate(() => new Promise((done) => setTimeout(() => requestAnimationFrame(() => requestAnimationFrame(done)), 200)));
  return page.evaluate(() => {
    const canvas = document.querySelector<HTMLCanvasElement>('.graph canvas');
    // A copy, since reading dots changes how a browser keeps them.
    const copy = Object.assign(document.createElement('canvas'), { width: canvas?.width, height: canvas?.height });
    const context = copy.getContext('2d', { willReadFrequently: true });
    if (!canvas || !context) throw new Error('there is no canvas');
    context.drawImage(canvas, 0, 0);
    const { data, width, height } = context.getImageData(0, 0, copy.width, copy.height);
    const probe = Object.assign(document.createElement('i'), { style: 'color: var(--edge-strong)' });
    canvas.after(probe);
    const strong = getComputedStyle(probe).color.match(/\d+/g)?.map(Number) ?? [];
    probe.remove();
    let [left, top, right, bottom, lit] = [width, height, 0, 0, 0];
    for (let i = 0; i < data.length; i += 4) {
      if (data[i + 3] === 0) continue;
      const [x, y] = [(i / 4) % width, Math.floor(i / 4 / width)];
      [left, top, right, bottom] = [Math.min(left, x), Math.min(top, y), Math.max(right, x + 1), Math.max(bottom, y + 1)];
      if (data[i + 3] === 255 && strong.every((part, n) => Math.abs(part - (data[i + n] ?? 0)) < 12)) lit++;
    }
    const [place, dots] = [canvas.getBoundingClientRect(), canvas.width / canvas.clientWidth];
    return { left: place.left + left / dots, top: place.top + top / dots, width: (right - left) / dots, height: (bottom - top) / dots, lit };
  });
}

/** The first place of the canvas, line by line, where the hint says `text`. */
export async function placeOf(page: Page, text: string): Promise<Point> {
  const { left, top, width, height } = await seen(page);
  for (let y = top + 4; y < top + height; y += 9)
    for (let x = left + 12; x < left + width; x += 80) {
      await page.mouse.move(x, y);
      if ((await page.locator('.hint b').allInnerTexts())[0] === text) return { x, y };
    }
  throw new Error(`nothing on the canvas is called ${text}`);
}

/** Puts fingers on the screen, moves each from one place to another and lifts them, as the browser's own protocol tells it. */
export async function fingers(page: Page, ways: readonly (readonly [from: Point, to: Point])[]): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const steps = 8;
  const at = (step: number) =>
    ways.map(([from, to], id) => ({ id, x: from.x + ((to.x - from.x) * step) / steps, y: from.y + ((to.y - from.y) * step) / steps }));
  await session.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: at(0) });
  for (let step = 1; step <= steps; step++) await session.send('Input.dispatchTouchEvent', { type: 'touchMove', touchPoints: at(step) });
  await session.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
  await session.detach();
}
