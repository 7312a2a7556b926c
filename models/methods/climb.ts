/** Directions that minimise a loss, by the limited-memory BFGS method. */
import type { Computation } from '../training/network-calls.ts';
import { Stopped } from '../training/train-network.ts';
import { addScaled, dot, rowsOf } from '../vectors.ts';

/** Returns the loss of a unit vector v [n] and its gradient [n]. */
export type Objective = (v: Float64Array) => Computation<{ loss: number; gradient: Float64Array }>;

export interface ClimbLimits {
  /** Maximum evaluations of the objective. */
  readonly evaluations: number;
  /** Ends the search where a step lowers the loss by less than this share of it. */
  readonly tolerance: number;
  stop(): boolean;
}

/** Pairs of steps and changes of the gradient that describe the curvature. */
const MEMORY = 8;
/** Angle of the first step, radians. */
const FIRST_STEP = 0.1;
/** Share of the expected decrease that a step must reach (Armijo). */
const SUFFICIENT = 1e-4;
/** Maximum halvings of a step. */
const HALVINGS = 6;

/**
 * Returns the unit vector orthogonal to the rows of `earlier` [j, n] that a descent from `start`
 * reaches: L-BFGS (Liu and Nocedal 1989, doi:10.1007/BF01589116) with backtracking, on the loss as
 * a function of w, v = w without its parts along `earlier`, at length 1. No step raises the loss; a
 * start that no step improves is returned as it is. Throws Stopped.
 */
export function* climb(
  objective: Objective,
  earlier: Float32Array,
  start: Float64Array,
  { evaluations, tolerance, stop }: ClimbLimits,
): Computation<{ v: Float64Array; loss: number }> {
  let left = evaluations;
  function* evaluate(w: Float64Array): Computation<Point> {
    if (stop()) throw new Stopped();
    left--;
    const v = w.slice();
    orthonormalise(v, earlier);
    const { loss, gradient } = yield* objective(v);
    return { w, v, loss, gradient: tangent(gradient, v, earlier, Math.sqrt(dot(w, w))) };
  }
  const origin = start.slice();
  orthonormalise(origin, earlier);
  let at = yield* evaluate(origin);
  const pairs: Pair[] = [];
  while (left > 0) {
    let direction = descent(at.gradient, pairs);
    let slope = dot(direction, at.gradient);
    if (!(slope < 0)) {
      pairs.length = 0;
      direction = descent(at.gradient, pairs);
      slope = dot(direction, at.gradient);
      if (!(slope < 0)) break;
    }
    let next: Point | null = null;
    for (let halving = 0, size = 1; halving <= HALVINGS && left > 0; halving++, size /= 2) {
      const w = at.w.slice();
      addScaled(w, size, direction);
      const there = yield* evaluate(w);
      if (!(there.loss <= at.loss + SUFFICIENT * size * slope)) continue;
      next = there;
      break;
    }
    if (next === null) break;
    const step = next.w.map((value, i) => value - (at.w[i] as number));
    const change = next.gradient.map((value, i) => value - (at.gradient[i] as number));
    // Without positive curvature along the step, the pair would spoil the estimate.
    if (dot(step, change) > 1e-12 * dot(change, change)) pairs.push({ step, change });
    if (pairs.length > MEMORY) pairs.shift();
    const gain = at.loss - next.loss;
    at = next;
    if (gain < tolerance * at.loss) break;
  }
  return { v: at.v, loss: at.loss };
}

interface Point {
  readonly w: Float64Array;
  readonly v: Float64Array;
  readonly loss: number;
  /** With respect to w. */
  readonly gradient: Float64Array;
}

interface Pair {
  readonly step: Float64Array;
  readonly change: Float64Array;
}

/** Returns d loss / d w from d loss / d v: v is w without `earlier`, divided by its length. */
function tangent(gradient: Float64Array, v: Float64Array, earlier: Float32Array, length: number): Float64Array {
  const own = gradient.slice();
  for (const row of [...rowsOf(earlier, v.length), v]) addScaled(own, -dot(own, row), row);
  return own.map((value) => value / length);
}

/** Returns the direction -H gradient, H the estimated inverse Hessian (the two-loop recursion). */
function descent(gradient: Float64Array, pairs: readonly Pair[]): Float64Array {
  const direction = gradient.map((value) => -value);
  const newest = pairs.at(-1);
  if (newest === undefined) {
    const length = Math.sqrt(dot(gradient, gradient));
    return length > 0 ? direction.map((value) => (FIRST_STEP * value) / length) : direction;
  }
  const shares = new Map<Pair, number>();
  for (const pair of pairs.toReversed()) {
    const share = dot(pair.step, direction) / dot(pair.step, pair.change);
    shares.set(pair, share);
    addScaled(direction, -share, pair.change);
  }
  const scale = dot(newest.step, newest.change) / dot(newest.change, newest.change);
  for (const [i, value] of direction.entries()) direction[i] = scale * value;
  for (const pair of pairs) {
    const share = dot(pair.change, direction) / dot(pair.step, pair.change);
    addScaled(direction, (shares.get(pair) as number) - share, pair.step);
  }
  return direction;
}

/** Makes v orthogonal to the earlier directions and of length 1; twice is enough (Kahan). */
export function orthonormalise(v: Float64Array, earlier: Float32Array): void {
  for (let pass = 0; pass < 2; pass++) {
    for (const direction of rowsOf(earlier, v.length)) addScaled(v, -dot(v, direction), direction);
    const length = Math.sqrt(dot(v, v));
    for (const [d, value] of v.entries()) v[d] = value / length;
  }
}
