import type { Span } from '../text/index.ts';

/** A stretch of output and the template place that printed it. It runs to the next stretch's start. */
export interface Segment {
  readonly start: number;
  readonly at: Span;
  /** The macro whose text it is. */
  readonly macro?: string | undefined;
  /** The outermost call that printed it, where it is a macro's text. */
  readonly via?: Span | undefined;
  /** True where the output is the template's own text, so that places inside correspond one to one. */
  readonly literal: boolean;
}

/** Which part of a template printed which part of the output. Segments are in the order of their start. */
export class OutputMap {
  readonly segments: Segment[] = [];

  add(start: number, at: Span, literal: boolean, macro: string | undefined): void {
    this.segments.push({ start, at, literal, macro });
  }

  /** Takes over the map of a text that was printed at `offset` by the call `via`. */
  adopt(inner: OutputMap, offset: number, via: Span): void {
    for (const s of inner.segments) this.segments.push({ ...s, start: s.start + offset, via });
  }
}

/** Where a part of an output comes from. */
export interface Located extends Pick<Segment, 'at'> {
  readonly macro: string | undefined;
  readonly via: Span | undefined;
}

/** Where an offset of the output comes from, and through which macro and call; undefined before the first segment. */
export function locate(map: OutputMap, offset: number): Located | undefined {
  const { segments } = map;
  let low = 0;
  let high = segments.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((segments[middle]?.start ?? 0) <= offset) low = middle + 1;
    else high = middle;
  }
  const segment = segments[low - 1];
  if (segment === undefined) return undefined;
  const { at, macro, via, literal } = segment;
  if (!literal) return { at, macro, via };
  const start = Math.min(at.start + (offset - segment.start), at.end);
  return { at: { file: at.file, start, end: at.end }, macro, via };
}
