/** Covered variance against width, sweep by sweep on the same scales. */
import { sweepsCoverageFigure } from '../../../figures/covered-variance.ts';
import { FigureView } from '../charts/figure-view.tsx';
import { type Compared, sweepLabel } from './text.ts';

export function CoverageOfAll({ compared }: { readonly compared: readonly Compared[] }) {
  const figure = sweepsCoverageFigure(
    compared.map((one) => ({ label: sweepLabel(one), name: one.sweep.name, comparison: one.comparison })),
  );
  const missing = compared.filter(({ comparison }) => comparison === null);
  return (
    <FigureView
      figure={figure}
      below={missing.map((one) => (
        <div key={one.sweep.sweepId} class="note warn">
          <strong>{sweepLabel(one)}</strong>: {one.reason}
        </div>
      ))}
    />
  );
}
