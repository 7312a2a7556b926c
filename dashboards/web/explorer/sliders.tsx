/** One slider for each latent, with the quantiles of known structures marked under it. */
import { short } from '../../../figures/numbers.ts';
import { quantile } from '../../../models/vectors.ts';
import { type LatentRange, shareBelow } from './latent-point.ts';

export interface SlidersProps {
  readonly ranges: readonly LatentRange[];
  readonly t: readonly number[];
  readonly onMove: (t: readonly number[]) => void;
}

const MARKED = [0.02, 0.25, 0.5, 0.75, 0.98] as const;

export function Sliders({ ranges, t, onMove }: SlidersProps) {
  return (
    <div class="latent-sliders">
      {ranges.map((range, j) => {
        const value = t[j] as number;
        const share = shareBelow(range.sorted, value);
        const valueText = `${short(value)}; ${Math.round(100 * share)} % of structures are below`;
        const place = (at: number) => (100 * (at - range.low)) / (range.high - range.low || 1);
        return (
          <div key={j} class="latent-slider">
            <label for={`latent-${j}`}>
              <span>Latent {j + 1}</span>
              <output for={`latent-${j}`}>
                {short(value)} <span class="soft">({Math.round(100 * share)} % below)</span>
              </output>
            </label>
            <input
              id={`latent-${j}`}
              type="range"
              min={range.low}
              max={range.high}
              step={range.step}
              value={value}
              aria-valuetext={valueText}
              onInput={(event) => {
                const moved = Number(event.currentTarget.value);
                onMove(t.map((old, i) => (i === j ? moved : old)));
              }}
            />
            <div class="quantiles" aria-hidden="true">
              {range.sorted.length > 0 &&
                MARKED.map((quantileShare) => (
                  <i
                    key={quantileShare}
                    class={quantileShare === 0.5 ? 'median' : undefined}
                    style={{ left: `${place(quantile(range.sorted, quantileShare))}%` }}
                  />
                ))}
            </div>
          </div>
        );
      })}
      <p class="small soft">Marks: 2nd, 25th, 50th (long), 75th and 98th percentile of the known structures.</p>
    </div>
  );
}
