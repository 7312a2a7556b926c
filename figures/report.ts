/** The figures of a sweep's report. */
import { type Comparison, findFailedEmulator } from '../models/evaluation/comparison.ts';
import type { Interpretation } from '../models/interpretation/interpretation.ts';
import { agreementFigure } from './agreement.ts';
import { interpretedComponentsFigure } from './components.ts';
import { coveredVarianceFigure } from './covered-variance.ts';
import { coveredVarianceByEnergyFigure } from './covered-variance-by-energy.ts';
import { decisiveFigure } from './decisive-descriptors.ts';
import { latentsFigure } from './latents-against-descriptors.ts';
import type { Figure } from './model.ts';
import { responsesFigure } from './responses.ts';
import { seriesFigures } from './series.ts';
import { type NamedField, slicesFigure } from './slices.ts';
import type { Target } from './target.ts';

export interface ReportData {
  readonly comparison: Comparison;
  readonly interpretation: Interpretation;
  readonly fields: readonly NamedField[];
  readonly target: Target;
}

export function reportFigures({ comparison, interpretation, fields, target }: ReportData): Figure[] {
  const { cells, descriptors } = interpretation;
  const means = descriptors.map(({ mean }) => mean);
  if (findFailedEmulator(comparison.baselines)) return [coveredVarianceFigure(comparison)];
  return [
    coveredVarianceFigure(comparison),
    coveredVarianceByEnergyFigure(interpretation, target),
    ...cells.map((cell) => latentsFigure(interpretation, cell)),
    ...cells.map((cell) => responsesFigure(target, cell)),
    ...cells.filter(({ components }) => components).map((cell) => interpretedComponentsFigure(interpretation, cell)),
    ...cells.filter(({ expansion }) => expansion).map((cell) => decisiveFigure(interpretation, cell)),
    ...seriesFigures(interpretation),
    ...(fields.length > 0 ? [slicesFigure(fields, means)] : []),
    agreementFigure(cells),
  ];
}
