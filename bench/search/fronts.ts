/**
 * Functions with two losses, whose front is known (Zitzler, Deb and Thiele 2000,
 * doi:10.1162/106365600568202). A seed moves where it is reached away from the ends of the ranges,
 * at which crossover and mutation stop.
 */
import { stream } from '../../models/random.ts';
import type { Losses } from './problem.ts';

/** Returns the second loss from the first, x, and g: 1 on the front, 10 at most. */
export type FrontShape = (x: number, g: number) => number;

/** A convex front. */
export const zdt1: FrontShape = (x, g) => g * (1 - Math.sqrt(x / g));

/** A front of five parts. */
export const zdt3: FrontShape = (x, g) => g * (1 - Math.sqrt(x / g) - (x / g) * Math.sin(10 * Math.PI * x));

/** Points of the front by which its hypervolume is computed. */
const STEPS = 1000;
const REFERENCE = [1.1, 6] as const;

/** Returns the losses at x, [D] in [0, 1], in the instance of a seed. */
export function createFrontOf(shape: FrontShape, dimensions: number, seed: number) {
  const { uniform } = stream(seed, 'front');
  const optimum = Array.from({ length: dimensions - 1 }, () => 0.1 + 0.8 * uniform());
  const lossesAt = ([x = 0, ...others]: readonly number[]): Losses => {
    const distances = others.map(
      (value, i) => Math.abs(value - (optimum[i] as number)) / Math.max(optimum[i] as number, 1 - (optimum[i] as number)),
    );
    return [x, shape(x, 1 + (9 * distances.reduce((sum, one) => sum + one, 0)) / distances.length)];
  };
  const front = Array.from({ length: STEPS + 1 }, (_, i) => lossesAt([i / STEPS, ...optimum]));
  return { lossesAt, front, reference: REFERENCE };
}
