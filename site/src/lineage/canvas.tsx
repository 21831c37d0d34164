import type { RefObject } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { useRows } from '../data.ts';
import { HEALTH_WORDS } from '../parts/icon.tsx';
import { go, to } from '../router.ts';
import { count } from '../text.ts';
import { useColours } from '../theme.ts';
import { colouring } from './colour.ts';
import type { Box, Scene } from './scene.ts';
import { View } from './view.ts';

interface Props {
  readonly scene: Scene;
  /** Name of the way to colour. */
  readonly colours: string;
  /** Number of the box that has the focus. */
  readonly focus: number | undefined;
  readonly wheel: 'zoom' | 'pinch';
  readonly label: string;
  readonly choose?: (box: Box | undefined, column: string | undefined) => void;
  /** The view itself, for buttons around it. */
  readonly view?: RefObject<View | null>;
}

interface Hint {
  readonly box: Box;
  readonly column: string | undefined;
  readonly x: number;
  readonly y: number;
}

/** A drawing of the graph, with a hint at what is under the pointer, and words for those who do not see it. */
export function Canvas({ scene, colours, focus, wheel, label, choose, view }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const own = useRef<View | null>(null);
  const [hint, setHint] = useState<Hint>();
  const [told, tell] = useState('');
  const now = useRef({ scene, choose });
  now.current = { scene, choose };
  const theme = useColours();
  const rows = useRows();
  const colourOf = useMemo(() => {
    const { of } = colouring(colours, rows);
    return (box: Box) => of(box.row);
  }, [colours, rows]);

  useEffect(() => {
    const element = canvas.current;
    if (element === null) return;
    const boxOf = (n: number | undefined) => (n === undefined ? undefined : now.current.scene.boxes[n]);
    const made = new View(
      element,
      {
        focus: (n, column) => {
          const box = boxOf(n);
          tell(box && n !== undefined ? described(now.current.scene, n) : '');
          now.current.choose?.(box, column);
        },
        hover: (n, column, x, y) => {
          const box = boxOf(n);
          setHint(box && { box, column, x, y });
        },
        open: (n) => {
          const box = boxOf(n);
          if (box) go(to('node', box.row.id));
        },
      },
      wheel,
    );
    own.current = made;
    if (view) view.current = made;
    return () => made.close();
  }, [wheel]);
  useEffect(() => own.current?.show(scene, colourOf, focus), [scene]);
  useEffect(() => own.current?.recolour(colourOf), [colourOf, theme]);
  useEffect(() => own.current?.focus(focus), [focus]);

  return (
    <div class="graph">
      <canvas
        ref={canvas}
        tabIndex={0}
        role="application"
        aria-roledescription="graph"
        aria-label={`${label}. Arrow keys move between nodes, Enter opens one.`}
      />
      {hint && <HintBox hint={hint} />}
      <p class="unseen" aria-live="polite">
        {told}
      </p>
    </div>
  );
}

function HintBox({ hint: { box, column, x, y } }: { hint: Hint }) {
  const { row } = box;
  const bad =
    row.tests === undefined
      ? ''
      : [row.tests[2] > 0 && `${count(row.tests[2], 'test')} failed`, row.tests[1] > 0 && `${count(row.tests[1], 'test')} warned`].filter(Boolean).join(', ');
  return (
    <div class="hint" style={{ left: `${x + 14}px`, top: `${y + 16}px` }} aria-hidden="true">
      <b>{column === undefined ? row.name : `${row.name} · ${column}`}</b>
      <span>
        {row.materialized ?? row.type}
        {row.schema !== undefined && ` in ${row.schema}`}
      </span>
      {row.about !== undefined && <span>{row.about}</span>}
      {bad !== '' && <span class="bad">{bad}</span>}
    </div>
  );
}

/** A box in words: what it is, how it is, what it hangs together with. */
function described(scene: Scene, n: number): string {
  const { row } = scene.boxes[n] as Box;
  const links = (l: Scene['up']) => (l.start[n + 1] ?? 0) - (l.start[n] ?? 0);
  const state = row.status === undefined ? '' : `, ${HEALTH_WORDS[row.status]}`;
  return `${row.name}, ${row.type}${state}, reads ${links(scene.up)}, read by ${links(scene.down)}`;
}
