/** Local maximisation within bounds. */

export interface Gradient {
  readonly value: number;
  /** Derivatives, [parameters]. */
  readonly gradient: Float64Array;
}

export interface Bounds {
  readonly low: Float64Array;
  readonly high: Float64Array;
}

export interface Maximum {
  readonly at: Float64Array;
  readonly value: number;
}

/** Share of the rise that the gradient promises which a step must have (Armijo). */
const SUFFICIENT = 1e-4;
/** Factor by which a step is shortened. */
const SHORTER = 0.25;
const MOST_SHORTENED = 6;

/**
 * Maximises a function from a point within the bounds by the method of Broyden, Fletcher, Goldfarb
 * and Shanno, with steps that are cut off at the bounds. The first step has length `first` at most
 * in each parameter; `evaluations`: at most so many, `tolerance`: the least rise of a step.
 */
export function ascend(
  evaluate: (at: Float64Array) => Gradient,
  start: Float64Array,
  { low, high }: Bounds,
  { first, evaluations, tolerance }: { readonly first: number; readonly evaluations: number; readonly tolerance: number },
): Maximum {
  const n = start.length;
  const clamp = (value: number, i: number) => Math.min(high[i] as number, Math.max(low[i] as number, value));
  let at: Float64Array = start.map(clamp);
  let { value, gradient } = evaluate(at);
  // Approximate inverse of the negative Hessian; null: none is known.
  let inverse: Float64Array | null = null;
  for (let used = 1; used < evaluations; ) {
    // A parameter at a bound stays there where the function rises beyond it.
    const free = gradient.map((one, i) => ((one > 0 ? at[i] === high[i] : at[i] === low[i]) ? 0 : one));
    let direction: Float64Array = inverse === null ? free : multiply(inverse, free).map((one, i) => (free[i] === 0 ? 0 : one));
    if (inverse === null || !(inner(direction, free) > 0)) {
      inverse = null;
      const longest = free.reduce((most, one) => Math.max(most, Math.abs(one)), 0);
      if (longest === 0) break;
      direction = free.map((one) => (one * first) / longest);
    }
    const found = step(evaluate, { at, value, gradient: free }, direction, clamp, Math.min(MOST_SHORTENED, evaluations - used));
    used += found.used;
    if (found.next === null) {
      if (inverse === null) break;
      inverse = null;
      continue;
    }
    const { next } = found;
    const moved = next.at.map((one, i) => one - (at[i] as number));
    const fallen = gradient.map((one, i) => one - (next.gradient[i] as number));
    inverse = update(inverse, moved, fallen, n);
    const gain = next.value - value;
    ({ at, value, gradient } = next);
    if (gain < tolerance) break;
  }
  return { at, value };
}

type Place = Gradient & { readonly at: Float64Array };

/** Tries shorter and shorter steps in a direction. */
function step(
  evaluate: (at: Float64Array) => Gradient,
  { at, value, gradient }: Place,
  direction: Float64Array,
  clamp: (value: number, i: number) => number,
  most: number,
): { readonly next: Place | null; readonly used: number } {
  let length = 1;
  for (let used = 1; used <= most; used++) {
    const next = at.map((one, i) => clamp(one + length * (direction[i] as number), i));
    const promised = next.reduce((sum, one, i) => sum + (one - (at[i] as number)) * (gradient[i] as number), 0);
    const found = evaluate(next);
    if (found.value > value + SUFFICIENT * promised) return { next: { at: next, ...found }, used };
    length *= SHORTER;
  }
  return { next: null, used: most };
}

/** Returns the inverse, updated by a step and the fall of the gradient along it. */
function update(inverse: Float64Array | null, moved: Float64Array, fallen: Float64Array, n: number): Float64Array | null {
  const curvature = inner(moved, fallen);
  if (!(curvature > 1e-12 * Math.sqrt(inner(moved, moved) * inner(fallen, fallen)))) return inverse;
  let known = inverse;
  if (known === null) {
    known = new Float64Array(n * n);
    const scale = curvature / inner(fallen, fallen);
    for (let i = 0; i < n; i++) known[i * n + i] = scale;
  }
  const turned = multiply(known, fallen);
  const factor = (1 + inner(fallen, turned) / curvature) / curvature;
  return known.map((one, k) => {
    const [i, j] = [Math.floor(k / n), k % n];
    const [mi, mj] = [moved[i] as number, moved[j] as number];
    return one + factor * mi * mj - (mi * (turned[j] as number) + (turned[i] as number) * mj) / curvature;
  });
}

const inner = (a: Float64Array, b: Float64Array): number => a.reduce((sum, one, i) => sum + one * (b[i] as number), 0);

const multiply = (matrix: Float64Array, vector: Float64Array): Float64Array =>
  vector.map((_, i) => vector.reduce((sum, one, j) => sum + (matrix[i * vector.length + j] as number) * one, 0));
