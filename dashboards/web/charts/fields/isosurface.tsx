/** A field over three descriptors: linked slices, and its level sets in 3-D on demand. */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { measured, short } from '../../../../figures/numbers.ts';
import { rising } from '../../../../figures/rendering/palette.ts';
import { LEVELS, type NamedField, slicePanel } from '../../../../figures/slices.ts';
import { valueAt } from '../../../../models/interpretation/fields.ts';
import { type AxisIndex, axesAcross, levelsOf, planeAt } from '../../../../models/interpretation/slices.ts';
import { shownTheme } from '../../state/theme.ts';
import { resolveColour, toHex } from '../colours.ts';
import { ColourScale, PanelGrid } from '../figure-view.tsx';
import { fieldAt, type Structure } from './field.ts';
import './isosurface.css';
import { PanelView } from '../panel.tsx';
import type { SolidView } from './isosurface-3d.ts';

export interface SlicesProps {
  readonly field: NamedField;
  /** Name of the values in sentences. */
  readonly label: string;
  /** Intersection of the three slices, in physical units. */
  readonly at: Structure;
  readonly onAt: (at: Structure) => void;
  /** A level drawn above the others: the structures that share one latent. */
  readonly level?: number;
}

const SURFACES = 5;

export function Slices({ field, label, at, onAt, level }: SlicesProps) {
  const levels = useMemo(() => levelsOf(field.values, LEVELS), [field]);
  const value = fieldAt(field, at);
  const move = (axis: number, to: number) => onAt(at.map((old, i) => (i === axis ? to : old)) as unknown as Structure);
  return (
    <div class="slices">
      <ColourScale name={label} low={short(levels[0] ?? 0)} high={short(levels.at(-1) ?? 0)} />
      <PanelGrid width={304}>
        {([2, 1, 0] as const).map((fixed) => (
          <SliceView key={fixed} field={field} fixed={fixed} at={at} levels={levels} level={level} onAt={onAt} />
        ))}
      </PanelGrid>
      <div class="slice-sliders">
        {field.axes.map((axis, i) => (
          <div key={axis.name}>
            <label>
              <span>{axis.name}</span>
              <output>{measured(at[i] ?? Number.NaN, axis.unit)}</output>
            </label>
            <input
              type="range"
              aria-label={`${axis.name}: place of the slice`}
              aria-valuetext={measured(at[i] ?? Number.NaN, axis.unit)}
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

interface SliceViewProps extends Omit<SlicesProps, 'level' | 'label'> {
  readonly fixed: AxisIndex;
  readonly levels: readonly number[];
  readonly level: number | undefined;
}

function SliceView({ field, fixed, at, levels, level, onAt }: SliceViewProps) {
  const plane = planeAt(field.axes[fixed], at[fixed]);
  const panel = useMemo(
    () => slicePanel(field, fixed, at[fixed], { levels, ...(level !== undefined && { level }) }),
    [field, fixed, plane, levels, level],
  );
  const [a, b] = axesAcross(fixed);
  const [across, up] = [field.axes[a], field.axes[b]];
  return (
    <PanelView
      panel={panel}
      onPoint={({ px, py, held }, { x, y }, kind) => {
        if (kind !== 'press' && !(kind === 'move' && held)) return;
        const next: [number, number, number] = [...at];
        next[a] = valueAt(across, planeAt(across, x.invert(px)));
        next[b] = valueAt(up, planeAt(up, y.invert(py)));
        onAt(next);
      }}
    >
      {({ x, y, box }) => (
        <>
          <path
            d={`M${x(at[a])} ${box.top}V${box.bottom}M${box.left} ${y(at[b])}H${box.right}`}
            stroke="var(--ink)"
            opacity={0.6}
          />
          <circle cx={x(at[a])} cy={y(at[b])} r={4} fill="var(--page)" stroke="var(--ink)" stroke-width={2} />
        </>
      )}
    </PanelView>
  );
}

/** Whether this browser has WebGL; tested before three is loaded. */
function hasWebGl(): boolean {
  const canvas = document.createElement('canvas');
  const context = canvas.getContext('webgl2');
  context?.getExtension('WEBGL_lose_context')?.loseContext();
  return context !== null;
}

/** Reasons why a browser shows the slices only. */
const PROBLEMS = {
  'no-webgl': 'This browser has no WebGL, which the view in space needs. The slices show the same field.',
  failed: 'The view in space could not be loaded. The slices show the same field.',
} as const;

const STEP = Math.PI / 24;

/** Turns of the view by key, each with a button. */
const TURNS: readonly { key: string; sign: string; name: string; turn: Parameters<SolidView['turn']> }[] = [
  { key: 'ArrowLeft', sign: '←', name: 'Turn left', turn: [-STEP, 0] },
  { key: 'ArrowRight', sign: '→', name: 'Turn right', turn: [STEP, 0] },
  { key: 'ArrowUp', sign: '↑', name: 'Turn up', turn: [0, STEP] },
  { key: 'ArrowDown', sign: '↓', name: 'Turn down', turn: [0, -STEP] },
  { key: '+', sign: '+', name: 'Closer', turn: [0, 0, 1 / 1.12] },
  { key: '-', sign: '−', name: 'Further away', turn: [0, 0, 1.12] },
];

/** Level sets in space: loaded where it is put on a page. */
export function Solid({ field, label }: { readonly field: NamedField; readonly label: string }) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<SolidView | null>(null);
  const [state, setState] = useState<'loading' | 'shown' | keyof typeof PROBLEMS>('loading');
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
        const levels = all.map((value, i) => ({ value, colour: toHex(resolveColour(rising(share(i)))) }));
        view.current = showIsosurfaces(element, field, levels, toHex(resolveColour('var(--soft)')));
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
        {PROBLEMS[state]}
      </p>
    );
  }
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
          {TURNS.map(({ key, sign, name, turn }) => (
            <button key={key} type="button" aria-label={name} onClick={() => view.current?.turn(...turn)}>
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
          // The plus of most keyboards is on the key of =, with Shift.
          const step = TURNS.find(({ key }) => key === (event.key === '=' ? '+' : event.key));
          if (!step) return;
          view.current?.turn(...step.turn);
          event.preventDefault();
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
