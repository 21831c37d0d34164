import type { RefObject } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Icon } from '../parts/icon.tsx';
import { adjust, type Route, to } from '../router.ts';
import { count } from '../text.ts';
import { COLOURINGS } from './colour.ts';
import { png, save, svg } from './picture.ts';
import type { Scene } from './scene.ts';
import type { View } from './view.ts';

interface Props {
  readonly route: Route;
  readonly view: RefObject<View | null>;
  readonly scene: Scene | undefined;
  readonly problem: string | undefined;
  /** What saved pictures are called after. */
  readonly name: string;
}

/** What stands above the drawing: what is selected, how it is coloured, how near it is, and ways to take it along. */
export function Tools({ route, view, scene, problem, name }: Props) {
  const { query } = route;
  const list = query['list'] !== undefined;
  return (
    <div class="tools lineage-tools">
      <Selection route={route} problem={problem} />
      {route.id !== '' && query['select'] === undefined && query['column'] === undefined && <Depth route={route} />}
      {route.id !== '' && query['column'] !== undefined && <ColumnTools route={route} />}
      <span class="quiet tools-count" role="status">
        {scene && count(scene.boxes.length, 'node')}
      </span>
      <span class="tools-group">
        {!list && (
          <label>
            <span class="unseen">Colour by</span>
            <select
              value={query['colour'] ?? 'folder'}
              onChange={(e) => adjust(route, { colour: e.currentTarget.value === 'folder' ? undefined : e.currentTarget.value })}
            >
              {Object.entries(COLOURINGS).map(([key, text]) => (
                <option key={key} value={key}>
                  {text}
                </option>
              ))}
            </select>
          </label>
        )}
        <button type="button" aria-pressed={list} onClick={() => adjust(route, { list: list ? undefined : '1' })}>
          <Icon name="list" /> List
        </button>
        {!list && (
          <>
            <button type="button" class="zoom" aria-label="Zoom out" onClick={() => view.current?.zoom(0.75)}>
              −
            </button>
            <button type="button" class="zoom" aria-label="Zoom in" onClick={() => view.current?.zoom(1.33)}>
              +
            </button>
            <button type="button" onClick={() => view.current?.fit()}>
              Fit
            </button>
            {scene && <Export scene={scene} view={view} name={name} />}
          </>
        )}
      </span>
    </div>
  );
}

/** The selection, written as on the command line. */
function Selection({ route, problem }: { route: Route; problem: string | undefined }) {
  const [select, setSelect] = useState(route.query['select'] ?? '');
  const [exclude, setExclude] = useState(route.query['exclude'] ?? '');
  useEffect(() => {
    setSelect(route.query['select'] ?? '');
    setExclude(route.query['exclude'] ?? '');
  }, [route.query['select'], route.query['exclude']]);
  const apply = (event: Event) => {
    event.preventDefault();
    location.hash = to('lineage', '', { ...route.query, select: select.trim(), exclude: exclude.trim(), column: undefined });
  };
  return (
    <form class="selection" onSubmit={apply}>
      <input
        type="text"
        class="mono"
        aria-label="Select"
        placeholder="Select: +orders+1 tag:nightly path:models/marts"
        spellcheck={false}
        autocapitalize="off"
        value={select}
        onInput={(e) => setSelect(e.currentTarget.value)}
        aria-invalid={problem !== undefined}
        aria-describedby="selection-problem"
      />
      <input
        type="text"
        class="mono exclude"
        aria-label="Exclude"
        placeholder="Exclude"
        spellcheck={false}
        autocapitalize="off"
        value={exclude}
        onInput={(e) => setExclude(e.currentTarget.value)}
      />
      <button type="submit" aria-label="Show the selection">
        <Icon name="search" />
      </button>
      {(route.id !== '' || route.query['select'] !== undefined || route.query['exclude'] !== undefined) && (
        <a class="button" href={to('lineage', '', { colour: route.query['colour'] })}>
          All
        </a>
      )}
      <p id="selection-problem" class="problem" role="alert">
        {problem}
      </p>
    </form>
  );
}

const DEPTHS = ['0', '1', '2', '3', '5', '-1'] as const;

function Depth({ route }: { route: Route }) {
  const choice = (side: 'up' | 'down', text: string) => (
    <label>
      {text}{' '}
      <select value={route.query[side] ?? '2'} onChange={(e) => adjust(route, { [side]: e.currentTarget.value })}>
        {DEPTHS.map((d) => (
          <option key={d} value={d}>
            {d === '-1' ? 'all' : d}
          </option>
        ))}
      </select>
    </label>
  );
  return (
    <span class="tools-group">
      {choice('up', 'Up')}
      {choice('down', 'Down')}
    </span>
  );
}

function ColumnTools({ route }: { route: Route }) {
  const { column, indirect } = route.query;
  return (
    <span class="tools-group">
      <span>
        Column <b class="mono">{column}</b>
      </span>
      <label>
        <input type="checkbox" checked={indirect !== undefined} onChange={(e) => adjust(route, { indirect: e.currentTarget.checked ? '1' : undefined })} /> with
        filters and joins
      </label>
      <a class="button" href={to('lineage', route.id, { ...route.query, column: undefined, indirect: undefined })}>
        Tables again
      </a>
    </span>
  );
}

function Export({ scene, view, name }: { scene: Scene; view: RefObject<View | null>; name: string }) {
  const asSvg = () => {
    const look = view.current?.look();
    if (look) save(new Blob([svg(scene, look)], { type: 'image/svg+xml' }), `${name}.svg`);
  };
  const asPng = async () => {
    const look = view.current?.look();
    const blob = look && (await png(scene, { ...look, chain: undefined }));
    if (blob) save(blob, `${name}.png`);
  };
  return (
    <details class="menu">
      <summary class="button">Save</summary>
      <div>
        <button type="button" onClick={asPng}>
          as PNG
        </button>
        <button type="button" onClick={asSvg}>
          as SVG
        </button>
      </div>
    </details>
  );
}
