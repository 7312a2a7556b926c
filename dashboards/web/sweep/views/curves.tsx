/** The learning curves of the pinned trials. */
import { trialPath } from '../../parts/paths.ts';
import { shownTheme } from '../../state/theme.ts';
import 'uplot/dist/uPlot.min.css';
import './curves.css';
import { useEffect, useRef } from 'preact/hooks';
import type { AlignedData } from 'uplot';
import { METHODS } from '../../../../models/methods/catalogue.ts';
import { trialId } from '../../../../search/space.ts';
import type { Curve } from '../../../contract/trials.ts';
import { Failure, getJson } from '../../api/http.ts';
import { type Rgb, resolveRgb, toCss } from '../../charts/colours.ts';
import { useWidth } from '../../charts/size.ts';
import { Figure } from '../../parts/figure.tsx';
import { Show } from '../../parts/load-states.tsx';
import { useLoad } from '../../state/load.ts';
import type { PinningProps } from '../table/trials-table.tsx';

const HEIGHT = 300;
/** Colours of the lines in the order of pinning; dashes distinguish them as well. */
const LINES = [...METHODS.map((method) => `--${method}`), '--accent', '--warn', '--bad', '--good', '--emulator'];
const DASHES = [[], [8, 3], [2, 3], [10, 3, 2, 3], [5, 5], [1, 4], [12, 6], [6, 2, 2, 2, 2, 2]];

/** Ticks of an axis that spreads a share by -log(1 - value). */
const NINES = [0, 0.5, 0.9, 0.95, 0.99, 0.995, 0.999, 0.9995, 0.9999];

interface Pinned {
  readonly row: number;
  readonly curve: Curve;
}

/** Fetches the curve of a trial; null where it has none. */
async function fetchCurve(sweepId: string, row: number, signal: AbortSignal): Promise<Curve | null> {
  try {
    return await getJson<Curve>(`${trialPath(trialId(sweepId, row))}/curve`, {}, signal);
  } catch (error) {
    if (error instanceof Failure && error.status === 404) return null;
    throw error;
  }
}

export function Curves({ sweepId, table, pins, onPin, residual }: PinningProps & { readonly residual: boolean }) {
  const known = useRef(new Map<number, Curve | null>());
  // A trial that failed in its first epoch, or is in its first rung, has no curve to fetch.
  const epochs = table.fields.get('epochs')?.values;
  const hasEpochs = (row: number) => (epochs?.[row] ?? 0) > 0;
  // The curves on the screen stay until those of the new pins have arrived.
  const loaded = useLoad(
    pins.length > 0 ? `curves ${sweepId}` : null,
    (signal) =>
      Promise.all(
        pins.map(async (row) => {
          if (!hasEpochs(row)) return { row, curve: null };
          const curve = known.current.get(row) ?? (await fetchCurve(sweepId, row, signal));
          known.current.set(row, curve);
          return { row, curve };
        }),
      ),
    pins.map((row) => `${row} ${hasEpochs(row)}`).join(),
  );
  if (pins.length === 0) return null;
  return (
    <Show of={loaded} what="learning curves" height={`${HEIGHT + 90}px`}>
      {(asked) => {
        const curves = asked.filter((one): one is Pinned => one.curve !== null);
        const without = asked.filter(({ curve }) => curve === null);
        return (
          <Figure
            title="Learning curves"
            caption="Covered variance on validation rows after each epoch; the ring marks the epoch whose weights were kept."
            name={`curves-${sweepId}`}
            table={() => ({
              head: ['trial', 'epoch', 'training', 'validation'],
              rows: curves.flatMap(({ row, curve }) =>
                curve.validation.map((value, epoch) => [row, epoch + 1, curve.train[epoch] ?? null, value] as const),
              ),
            })}
          >
            <ul class="legend">
              {curves.map(({ row }, i) => (
                <li key={row}>
                  <svg class="icon" viewBox="0 -5 30 10" width="30" height="10" aria-hidden="true">
                    <line
                      x1="0"
                      x2="30"
                      y1="0"
                      y2="0"
                      stroke={`var(${LINES[i]})`}
                      stroke-width="2"
                      stroke-dasharray={(DASHES[i] as number[]).join(' ')}
                    />
                  </svg>
                  <a href={trialPath(trialId(sweepId, row))}>trial {row}</a>
                  <button type="button" class="unpin" aria-label={`Unpin curve of trial ${row}`} onClick={() => onPin(row)}>
                    ×
                  </button>
                </li>
              ))}
            </ul>
            {without.map(({ row }) => (
              <p key={row} class="soft small">
                Trial {row} has no learning curve.{' '}
                <button type="button" class="plain" onClick={() => onPin(row)}>
                  Unpin
                </button>
              </p>
            ))}
            {curves.length > 0 && <CurvesPlot curves={curves} residual={residual} />}
          </Figure>
        );
      }}
    </Show>
  );
}

function CurvesPlot({ curves, residual }: { readonly curves: readonly Pinned[]; readonly residual: boolean }) {
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const theme = shownTheme.value;
  useEffect(() => {
    const at = box.current;
    if (!at || width === 0) return;
    let ended = false;
    let plot: { destroy: () => void } | null = null;
    void import('uplot').then(({ default: UPlot }) => {
      if (ended) return;
      const lines = resolveRgb(LINES);
      const [ink, grid] = resolveRgb(['--ink', '--line']);
      const epochs = Math.max(...curves.map(({ curve }) => curve.validation.length));
      const placed = (share: number | null | undefined) =>
        share === null || share === undefined ? null : residual ? -Math.log10(Math.max(1e-6, 1 - share)) : Math.max(-0.1, share);
      const axis = { stroke: toCss(ink), grid: { stroke: toCss(grid), width: 1 }, ticks: { stroke: toCss(grid) } };
      plot = new UPlot(
        {
          width,
          height: HEIGHT,
          legend: { show: false },
          scales: { x: { time: false } },
          axes: [
            { ...axis, label: 'epoch' },
            {
              ...axis,
              label: residual ? 'covered variance (log of what is missing)' : 'covered variance (validation)',
              size: 64,
              ...(residual && { splits: () => NINES.map((share) => placed(share) as number), values: () => NINES.map(String) }),
            },
          ],
          series: [
            {},
            ...curves.map(({ row, curve }, i) => ({
              label: `trial ${row}`,
              stroke: toCss(lines[i] as Rgb),
              width: 2,
              dash: DASHES[i] as number[],
              points: { show: true, size: 9, filter: () => [curve.best], stroke: toCss(lines[i] as Rgb), width: 2 },
            })),
          ],
        },
        [
          Array.from({ length: epochs }, (_, i) => i + 1),
          ...curves.map(({ curve }) => Array.from({ length: epochs }, (_, i) => placed(curve.validation[i]))),
        ] as AlignedData,
        at,
      );
    });
    return () => {
      ended = true;
      plot?.destroy();
    };
  }, [curves, width, residual, theme]);
  return (
    <div
      class="curves"
      ref={box}
      role="img"
      aria-label="Learning curves of the pinned trials"
      style={{ height: `${HEIGHT}px` }}
    />
  );
}
