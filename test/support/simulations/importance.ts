/** Coverage of the intervals of importance, on scores whose Sobol indices are known. */
import { type Importances, parameterImportance } from '../../../models/evaluation/importance.ts';
import { stream } from '../../../models/random.ts';
import { meanOf } from '../../../models/vectors.ts';

/** Three parameters; their first-order indices follow from the scores of `scoreOf`. */
export const SIMULATED = [
  { kind: 'additive', wanted: [2 / 3, 1 / 3, 0] },
  { kind: 'interaction', wanted: [0, 0, 0] },
] as const;

type Kind = (typeof SIMULATED)[number]['kind'];
type Parameter = Importances['parameters'][number];

/** Uniform parameters: sqrt(2) a + b, or a product of which 90 % of the variance is not noise. */
const scoreOf = (kind: Kind, [a = 0, b = 0]: readonly number[], noise: number): number =>
  kind === 'additive' ? Math.SQRT2 * a + b : 12 * (a - 0.5) * (b - 0.5) + noise / 3;

/** Draws data sets of `trials` trials, `seeds` of each configuration. Returns one per parameter. */
export function simulateImportance(
  kind: Kind,
  { trials, seeds, draws }: { readonly trials: number; readonly seeds: number; readonly draws: number },
) {
  const found = Array.from({ length: draws }, (_, draw) => {
    const { uniform, normal } = stream(draw, `importance ${kind}`);
    const configurations = Array.from({ length: trials / seeds }, () => [uniform(), uniform(), uniform()]);
    const rows = configurations.flatMap((configuration) => Array.from({ length: seeds }, () => configuration));
    const features = ['a', 'b', 'c'].map((name, d) => {
      return { name, ordered: true, values: Float64Array.from(rows, (row) => row[d] as number) };
    });
    const { parameters } = parameterImportance(
      features,
      Float64Array.from(rows, (row) => scoreOf(kind, row, normal())),
    );
    return features.map(({ name }) => parameters.find((one) => one.name === name) as Parameter);
  });
  return [0, 1, 2].map((parameter) => {
    const own = found.map((one) => one[parameter] as Parameter);
    const share = (holds: (one: Parameter) => boolean) => own.filter(holds).length / own.length;
    const mean = meanOf(own.map(({ importance }) => importance));
    return {
      total: mean,
      totalHoldsMean: share(({ low, high }) => low <= mean && mean <= high),
      firstOrderHolds: (index: number) => share(({ firstOrder: { low, high } }) => low <= index && index <= high),
      firstOrderWidth: meanOf(own.map(({ firstOrder: { low, high } }) => high - low)),
    };
  });
}
