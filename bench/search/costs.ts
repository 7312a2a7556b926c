/** Sizes of networks, which problems with a front weigh against their loss. */
import type { Cell } from '../../models/methods/catalogue.ts';
import type { DataColumns } from '../../models/methods/cost.ts';
import type { Point } from '../../search/parameters.ts';
import { createCosts as createAllCosts } from '../../search/samplers/objectives.ts';

/** Returns the logarithm of the number of parameters of points. */
export function createCosts(columns: DataColumns, cell: Cell = { method: 'ednn', k: 2 }): (point: Point) => number {
  const measure = createAllCosts({ names: ['parameters'], columns }, cell);
  return (point) => measure(point)[0] as number;
}

/** Returns the reference of costs, a tenth of their range beyond the worst. */
export function referenceOf(costs: readonly number[]): number {
  const [best, worst] = [Math.min(...costs), Math.max(...costs)];
  return worst + (worst - best) / 10;
}
