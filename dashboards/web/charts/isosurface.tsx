/** A field over three descriptors: linked slices through it, and its level sets in space for those who ask. */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import {
  contourRuns,
  levelsOf,
  type Place,
  planeAt,
  regionRings,
  sliceOf,
  valueAt,
} from '../../../models/interpretation/slices.ts';
import { shownTheme } from '../state/theme.ts';
import { hexOf, resolved } from './colours.ts';
import { fieldAt, type NamedAxis, type NamedField } from './field.ts';
import './isosurface.css';
import type { SolidView } from './isosurface-3d.ts';
import { ColourScale, Panel, type Scales } from './panel.tsx';
import { measured, rising, short, withUnit } from './scale.ts';

export type Structure = readonly [number, number, number];

export interface SlicesProps {
  readonly field: NamedField;
  /** What the values are, for words. */
  readonly label: string;
  /** Where the three slices cross, physical units. */
  readonly at: Structure;
  readonly onAt: (at: Structure) => void;
  /** A level that is drawn above the others: the structures that share one latent. */
  readonly level?: number;
}

/** Lines of equal value on each slice. */
const LINES = 9;
const SURFACES = 5;

export function Slices({ field, label, at, onAt, level }: SlicesProps) {
  const levels = useMemo(() => levelsOf(field.values, LINES), [field]);
  const value = fieldAt(field, at);
  const move = (axis: number, to: number) => onAt(at.map((old, i) => (i === axis ? to : old)) as unknown as Structure);
  return (
    <div class="slices">
      <ColourScale name={label} low={short(levels[0] ?? 0)} high={short(levels.at(-1) ?? 0)} />
      <div class="plot-grid" style={{ '--panel': '19rem' }}>
        {[2, 1, 0].map((fixed) => (
          <SlicePanel
            key={fixed}
            field={field}
            fixed={fixed}
            at={at}
            levels={levels}
            {...(level !== undefined && { level })}
            onAt={onAt}
            label={label}
          />
        ))}
      </div>
      <div class="slice-sliders">
        {field.axes.map((axis, i) => (
          <div key={axis.name}>
            <label>
              <span>{axis.name}</span>
              <output>{measured(at[i] as number, axis.unit)}</output>
            </label>
            <input
              type="range"
              aria-label={`${axis.name}: place of the slice`}
              aria-valuetext={measured(at[i] as number, axis.unit)}
              min={axis.from}
              max={axis.to}
              step={(axis.to - axis.from) / (axis.points - 1)}
              value={at[i]}
              onInput={(event) => move(i, Number(event.currentTarget.value))}
            />
          </div>
        ))}
      </div>
      <p class="readout" role="status">
        {label} where the slices cross:{' '}
        <strong>{Number.isFinite(value) ? short(value, 4) : 'not known, outside the region of the training structures'}</strong>
      </p>
    </div>
  );
}

function SlicePanel({
  field,
  fixed,
  at,
  levels,
  level,
  onAt,
  label,
}: SlicesProps & { readonly fixed: number; readonly levels: readonly number[] }) {
  const through = field.axes[fixed] as NamedAxis;
  const plane = planeAt(through, at[fixed] as number);
  const slice = useMemo(() => sliceOf(field, fixed, plane), [field, fixed, plane]);
  const lines = useMemo(() => levels.map((value) => contourRuns(slice, value)), [slice, levels]);
  const region = useMemo(() => regionRings(slice), [slice]);
  const bold = useMemo(() => (level === undefined ? [] : contourRuns(slice, level)), [slice, level]);
  const [a, b] = slice.axes;
  const [across, up] = [field.axes[a] as NamedAxis, field.axes[b] as NamedAxis];
  const pick = (px: number, py: number, { x, y }: Scales) => {
    const next = [...at] as [number, number, number];
    next[a] = valueAt(across, planeAt(across, x.invert(px)));
    next[b] = valueAt(up, planeAt(up, y.invert(py)));
    onAt(next);
  };
  return (
    <Panel
      title={`${through.name} = ${measured(valueAt(through, plane), through.unit)}`}
      label={`${label}: slice at ${through.name} ${measured(valueAt(through, plane), through.unit)}, ${across.name} against ${up.name}`}
      height={290}
      x={{ label: withUnit(across.name, across.unit), domain: [across.from, across.to], ticks: 5 }}
      y={{ label: withUnit(up.name, up.unit), domain: [up.from, up.to], ticks: 5 }}
      onPoint={({ px, py, held }, scales, kind) => {
        if (kind === 'press' || (kind === 'move' && held)) pick(px, py, scales);
      }}
    >
      {({ x, y, box }) => {
        const path = (runs: readonly (readonly Place[])[], end: string) =>
          runs.map((run) => `M${run.map(([px, py]) => `${x(px).toFixed(1)} ${y(py).toFixed(1)}`).join('L')}${end}`).join('');
        return (
          <>
            <path d={path(region, 'Z')} fill="var(--raised)" stroke="var(--edge)" stroke-width={1} stroke-dasharray="2 2" />
            {lines.map((runs, i) => (
              <path
                key={i}
                d={path(runs, '')}
                fill="none"
                stroke-width={1.75}
                style={{ stroke: rising(levels.length > 1 ? i / (levels.length - 1) : 0.5) }}
              />
            ))}
            {bold.length > 0 && <path class="level" d={path(bold, '')} fill="none" stroke="var(--eca)" stroke-width={3.5} />}
            <g stroke="var(--ink)" stroke-width={1} opacity={0.6}>
              <path d={`M${x(at[a] as number)} ${box.top}V${box.bottom}M${box.left} ${y(at[b] as number)}H${box.right}`} />
            </g>
            <circle
              cx={x(at[a] as number)}
              cy={y(at[b] as number)}
              r={4}
              fill="var(--page)"
              stroke="var(--ink)"
              stroke-width={2}
            />
          </>
        );
      }}
    </Panel>
  );
}

/** Can this browser show anything in space? Asked before three is fetched. */
export function hasWebGl(): boolean {
  const canvas = document.createElement('canvas');
  const context = canvas.getContext('webgl2');
  context?.getExtension('WEBGL_lose_context')?.loseContext();
  return context !== null;
}

type SolidState = 'loading' | 'shown' | 'no-webgl' | 'failed';

const STEP = Math.PI / 24;
const KEYS: Readonly<Record<string, readonly [around: number, over: number, closer: number]>> = {
  ArrowLeft: [-STEP, 0, 1],
  ArrowRight: [STEP, 0, 1],
  ArrowUp: [0, STEP, 1],
  ArrowDown: [0, -STEP, 1],
  '+': [0, 0, 1 / 1.12],
  '=': [0, 0, 1 / 1.12],
  '-': [0, 0, 1.12],
};

/** Level sets in space: loaded where it is put on a page. */
export function Solid({ field, label }: { readonly field: NamedField; readonly label: string }) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<SolidView | null>(null);
  const [state, setState] = useState<SolidState>('loading');
  const all = useMemo(() => levelsOf(field.values, SURFACES), [field]);
  const [hidden, setHidden] = useState<ReadonlySet<number>>(new Set());
  const theme = shownTheme.value;
  const share = (i: number) => (all.length > 1 ? i / (all.length - 1) : 0.5);

  useEffect(() => {
    const element = host.current;
    if (!element) return;
    if (!hasWebGl()) return setState('no-webgl');
    let isGone = false;
    import('./isosurface-3d.ts')
      .then(({ showIsosurfaces }) => {
        if (isGone) return;
        const levels = all.map((value, i) => ({ value, colour: hexOf(resolved(rising(share(i)))) }));
        view.current = showIsosurfaces(element, field, levels, hexOf(resolved('var(--soft)')));
        view.current.show(all.map((_, i) => !hidden.has(i)));
        setState('shown');
      })
      .catch(() => !isGone && setState('failed'));
    return () => {
      isGone = true;
      view.current?.dispose();
      view.current = null;
    };
  }, [field, theme]);
  useEffect(() => view.current?.show(all.map((_, i) => !hidden.has(i))), [hidden]);

  if (state === 'no-webgl' || state === 'failed') {
    return (
      <p class="note warn" role="status">
        {state === 'no-webgl'
          ? 'This browser has no WebGL, which the view in space needs. The slices show the same field.'
          : 'The view in space could not be loaded. The slices show the same field.'}
      </p>
    );
  }
  const turn = (key: string) => {
    const step = KEYS[key];
    if (step) view.current?.turn(...step);
    return step !== undefined;
  };
  return (
    <div class="solid">
      <div class="solid-tools">
        <fieldset class="levels" aria-label="Levels shown">
          {all.map((value, i) => (
            <label key={value}>
              <input
                type="checkbox"
                checked={!hidden.has(i)}
                onChange={() => {
                  const next = new Set(hidden);
                  if (!next.delete(i)) next.add(i);
                  setHidden(next);
                }}
              />
              <span class="swatch" style={{ background: rising(share(i)) }} />
              {short(value)}
            </label>
          ))}
        </fieldset>
        <span class="actions">
          {(
            [
              ['ArrowLeft', '←', 'Turn left'],
              ['ArrowRight', '→', 'Turn right'],
              ['ArrowUp', '↑', 'Turn up'],
              ['ArrowDown', '↓', 'Turn down'],
              ['+', '+', 'Closer'],
              ['-', '−', 'Further away'],
            ] as const
          ).map(([key, sign, name]) => (
            <button key={key} type="button" aria-label={name} onClick={() => turn(key)}>
              {sign}
            </button>
          ))}
        </span>
      </div>
      <div
        class="solid-view"
        ref={host}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it is turned with the arrows
        tabIndex={0}
        role="application"
        aria-label={`${label} in space: surfaces of equal value. Arrows turn it, plus and minus bring it closer and further away.`}
        data-state={state}
        onKeyDown={(event) => {
          if (turn(event.key)) event.preventDefault();
        }}
      />
      <p class="readout">
        {state === 'loading'
          ? 'Loading the view in space …'
          : 'Turn with the mouse, a finger, the arrows; the wheel, two fingers, + and − bring it closer. Surfaces end where the training structures do.'}
      </p>
    </div>
  );
}
