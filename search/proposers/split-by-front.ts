/** Good and bad points where scores are weighed against costs. */
import { hypervolume, type ObjectivePoint } from '../../models/evaluation/pareto.ts';
import { type Measured, measuredOf, selectPopulation } from './population.ts';
import type { Observation } from './proposer.ts';
import { countGood, normalise, type Split } from './split.ts';

/** Distance of the reference point below the worst values, as a share of the ranges. */
const BEYOND = 0.1;
/** Least weight of a good point, in relation to the mean: those behind the front add no volume. */
const LEAST_WEIGHT = 0.2;

/**
 * Returns the best points by Pareto rank and crowding distance, weighted by the hypervolume that
 * the good points would lose without each (Ozaki et al. 2022, doi:10.1613/jair.1.13188), and all
 * others; null where nothing tells points apart.
 */
export function splitByFront(observations: readonly Observation[]): Split | null {
  const measured = measuredOf(observations);
  const values = measured.map(({ objectives }) => objectives);
  const [first] = values;
  const isUniform = values.length === observations.length && values.every((one) => String(one) === String(first));
  if (first === undefined || isUniform) return null;
  const best = selectPopulation(values, countGood(observations.length)).map(({ index }) => measured[index] as Measured);
  const isGood = new Set(best.map(({ point }) => point));
  return {
    good: best.map(({ point }) => point),
    weights: weighVolumes(scaleAll(values)(best.map(({ objectives }) => objectives))),
    bad: observations.map(({ point }) => point).filter((point) => !isGood.has(point)),
  };
}

/** Returns a function that places points in a box from the reference point to the best values. */
function scaleAll(values: readonly ObjectivePoint[]): (points: readonly ObjectivePoint[]) => ObjectivePoint[] {
  const ranges = (values[0] ?? []).map((_, objective) => {
    const all = values.map((one) => one[objective] as number);
    const [worst, best] = [all.reduce((a, b) => Math.min(a, b)), all.reduce((a, b) => Math.max(a, b))];
    return { worst, range: best - worst };
  });
  return (points) =>
    points.map((point) => ranges.map(({ worst, range }, i) => BEYOND + (range > 0 ? ((point[i] as number) - worst) / range : 1)));
}

/** Returns the weights of points by the volume that is lost without each, 1 on average. */
function weighVolumes(points: readonly ObjectivePoint[]): Float64Array {
  const whole = hypervolume(points);
  const lost = Float64Array.from(points, (_, i) => whole - hypervolume(points.toSpliced(i, 1)));
  const mean = lost.reduce((sum, one) => sum + one, 0) / lost.length;
  return mean > 0 ? normalise(lost.map((one) => Math.max(one, LEAST_WEIGHT * mean))) : lost.fill(1);
}
