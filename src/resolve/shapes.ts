import { type Code, type Diagnostic, diagnostic, outermost, type Sink, type Span } from '../text/index.ts';

/** What is said of the shape of an entry when it is used, which the check of its file may have said before. */
const SHAPES: ReadonlySet<Code> = new Set<Code>(['properties-shape', 'test-shape', 'constraint-type', 'access-value']);

/** A sink that passes everything on but a second word about the shape of one place. */
export function saidOnce(sink: Sink): Sink {
  const told: Span[] = [];
  const push = (d: Diagnostic): void => {
    const at = d.at && outermost(d.at);
    if (at && SHAPES.has(d.code) && told.some((t) => t.file === at.file && t.start < at.end && at.start < t.end)) return;
    if (at && d.code === 'property-invalid') told.push(at);
    sink.push(d);
  };
  return { push, add: (code, params, extra) => push(diagnostic(code, params, extra)) };
}
