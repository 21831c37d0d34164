import { shortened } from '../parts/canvas.ts';
import { draw, LINE, type Look } from './draw.ts';
import type { Scene } from './scene.ts';

/** Browsers make no larger pictures than this, in dots of one side. */
const MOST = 8000;
const PAD = 24;

/** The whole scene as a PNG, at twice its natural size where that can be. */
export function png(scene: Scene, look: Look): Promise<Blob | undefined> {
  const [width, height] = [scene.width + 2 * PAD, scene.height + 2 * PAD];
  const k = Math.min(2, MOST / width, MOST / height);
  const canvas = document.createElement('canvas');
  canvas.width = Math.ceil(width * k);
  canvas.height = Math.ceil(height * k);
  const context = canvas.getContext('2d');
  if (context === null) return Promise.resolve(undefined);
  draw(context, canvas.width, canvas.height, scene, { x: -PAD, y: -PAD, k }, look);
  context.globalCompositeOperation = 'destination-over';
  context.fillStyle = look.palette('paper');
  context.fillRect(0, 0, canvas.width, canvas.height);
  return new Promise((resolve) => canvas.toBlob((blob) => resolve(blob ?? undefined), 'image/png'));
}

/** The whole scene as SVG: shapes and texts with colours of their own, no script and no style sheet. */
export function svg(scene: Scene, look: Look): string {
  const colour = (name: string) => escaped(look.palette(name));
  const edges = scene.edges.map(({ points, indirect }) => {
    let [x = 0, y = 0] = points;
    let path = `M${x} ${y}`;
    for (let i = 2; i < points.length; i += 2) {
      const [nextX = 0, nextY = 0] = [points[i], points[i + 1]];
      const middle = (x + nextX) / 2;
      path += y === nextY ? `H${nextX}` : `C${middle} ${y} ${middle} ${nextY} ${nextX} ${nextY}`;
      [x, y] = [nextX, nextY];
    }
    return `<path d="${path}"${indirect ? ' stroke-dasharray="4 4"' : ''}/>`;
  });
  const boxes = scene.boxes.map((box) => {
    const head = box.columns ? LINE + 8 : box.height;
    const texts = (box.columns ?? []).map((column, n) =>
      text(box.left + 16, box.top + head + n * LINE + LINE / 2, column, `font-size="11" fill="${colour('soft')}"`),
    );
    return [
      `<rect x="${box.left}" y="${box.top}" width="${box.width}" height="${box.height}" rx="6" fill="${colour('surface')}" stroke="${colour('line-strong')}"/>`,
      `<rect x="${box.left}" y="${box.top}" width="5" height="${box.height}" rx="2" fill="${colour(look.colourOf(box))}"/>`,
      text(box.left + 14, box.top + head / 2 + 4, fitting(box.row.name, box.width - 22), `fill="${colour('ink')}"`),
      ...texts,
    ].join('');
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${-PAD} ${-PAD} ${scene.width + 2 * PAD} ${scene.height + 2 * PAD}" font-family="sans-serif" font-size="12.5">`,
    `<rect x="${-PAD}" y="${-PAD}" width="100%" height="100%" fill="${colour('paper')}"/>`,
    `<g fill="none" stroke="${colour('edge')}" stroke-width="1.3">${edges.join('')}</g>`,
    ...boxes,
    '</svg>\n',
  ].join('\n');
}

function text(x: number, y: number, content: string, attributes: string): string {
  return `<text x="${x}" y="${y}" ${attributes}>${escaped(content)}</text>`;
}

/** Without a measure at hand, letters are taken to be 6.6 wide. */
function fitting(name: string, width: number): string {
  const most = Math.floor(width / 6.6);
  return name.length <= most ? name : shortened(name, most - 1);
}

function escaped(value: string): string {
  return value.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`).replace(/[\0-\x08\x0b\x0c\x0e-\x1f]/g, '');
}

/** Hands a file to the reader. */
export function save(content: Blob, name: string): void {
  const address = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
