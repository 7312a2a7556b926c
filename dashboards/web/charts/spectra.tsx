/** A known spectrum and what a trial makes of it: overlay, residual, and covered variance energy by energy, one above the other. */
import type { Method } from '../../../models/methods/catalogue.ts';
import { METHOD_STYLES } from '../../../text/methods.ts';
import { DataTable } from '../parts/figure.tsx';
import { LinePlot } from './line-plot.tsx';
import { Legend } from './panel.tsx';
import { domainOf, withUnit } from './scale.ts';

/** What the columns of a target are. */
export interface TargetAxis {
  /** Of a spectrum; null where the columns are no energies. */
  readonly energies: readonly number[] | null;
  readonly energyUnit: string | null;
  /** Of the values; '' where columns have units of their own. */
  readonly unit: string;
  readonly columns: readonly string[] | null;
}

export interface SpectraOverlayProps {
  readonly target: TargetAxis;
  readonly method: Method;
  readonly known: readonly number[];
  readonly predicted: readonly number[];
  readonly coveredVarianceByEnergy: readonly (number | null)[];
  /** Value axes of overlay and residual that hold for all structures one switches between. */
  readonly shared: readonly { readonly known: readonly number[]; readonly predicted: readonly number[] }[];
}

/** Of the three plots together, in pixels. */
export const SPECTRA_HEIGHT = 520;

export const residualOf = (known: readonly number[], predicted: readonly number[]): number[] =>
  known.map((value, i) => value - (predicted[i] as number));

export function SpectraOverlay({ target, method, known, predicted, coveredVarianceByEnergy, shared }: SpectraOverlayProps) {
  const residual = residualOf(known, predicted);
  if (target.energies === null) {
    return (
      <DataTable
        caption="Known and predicted, column by column"
        head={['column', 'known', 'predicted', 'residual', 'covered variance']}
        rows={known.map((value, i) => [
          target.columns?.[i] ?? String(i),
          value,
          predicted[i] as number,
          residual[i] as number,
          coveredVarianceByEnergy[i] ?? null,
        ])}
      />
    );
  }
  const colour = `var(--${method})`;
  const energy = withUnit('energy', target.energyUnit);
  const value = target.unit === '' ? 'spectrum' : target.unit;
  const limits = domainOf(shared.flatMap((one) => [...one.known, ...one.predicted]));
  const rest = Math.max(...shared.flatMap((one) => residualOf(one.known, one.predicted).map(Math.abs)), Number.MIN_VALUE);
  return (
    <div class="spectra">
      <Legend
        entries={[
          { label: 'known', colour: 'var(--ink)' },
          { label: `predicted by ${METHOD_STYLES[method].label}`, colour, dash: [6, 3] },
        ]}
      />
      <LinePlot
        label={`Known and predicted spectrum against ${energy}`}
        x={target.energies}
        xLabel=""
        yLabel={value}
        yDomain={limits}
        group="spectra"
        height={240}
        readout={false}
        lines={[
          { label: 'known', values: known, colour: 'var(--ink)', width: 1.5 },
          { label: 'predicted', values: predicted, colour, dash: [6, 3], width: 2.25 },
        ]}
      />
      <LinePlot
        label={`Residual against ${energy}`}
        x={target.energies}
        xLabel=""
        yLabel="residual"
        yDomain={[-1.1 * rest, 1.1 * rest]}
        group="spectra"
        height={110}
        readout={false}
        lines={[{ label: 'known − predicted', values: residual, colour: 'var(--bad)', width: 1.5 }]}
      />
      <LinePlot
        label={`Covered variance against ${energy}`}
        x={target.energies}
        xLabel={energy}
        yLabel="covered"
        yDomain={coveredDomain([coveredVarianceByEnergy])}
        group="spectra"
        height={140}
        readout={false}
        lines={[{ label: 'covered variance of the split', values: coveredVarianceByEnergy, colour }]}
      />
    </div>
  );
}

/** 0 to 1, and below only as far as it says something: a column that hardly varies may be missed by any factor. */
export function coveredDomain(curves: readonly (readonly (number | null)[])[]): readonly [number, number] {
  const low = Math.min(0, ...curves.flat().map((value) => value ?? 0));
  return [Math.max(-0.5, low) - 0.05, 1.04];
}
