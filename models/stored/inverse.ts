/**
 * The inverse of a decoder: per spectrum, the t that minimises |g(t) - y|^2 within the sampled
 * range of t. Levenberg and Marquardt's damped Gauss-Newton steps, kept inside the bounds, from
 * several starts.
 */
import { Matrix as Dense, solve } from 'ml-matrix';
import { dot } from '../vectors.ts';

/** Value and derivatives of a decoder: derivatives[i] = d output / d t_i. */
export type Decoder = (t: Float64Array) => { output: Float64Array; derivatives: Float64Array[] };

type Bounds = readonly (readonly [low: number, high: number])[];

const STARTS_PER_UNIT = 5;
const MOST_STARTS = 25;
const STARTS_FOLLOWED = 3;
const ITERATIONS = 40;
const CONVERGED = 1e-12;

/** t [k] within `range`, in standardised units. Deterministic. */
export function invert(decoder: Decoder, y: ArrayLike<number>, range: Bounds): Float64Array {
  const scored = starts(range).map((t) => ({ t, loss: residuals(decoder(t).output, y).loss }));
  scored.sort((a, b) => a.loss - b.loss);
  const ends = scored.slice(0, STARTS_FOLLOWED).map(({ t }) => descend(decoder, y, range, t));
  return ends.reduce((best, end) => (end.loss < best.loss ? end : best)).t;
}

/** Returns a grid over the range, or a Kronecker sequence where a grid has too many points. */
function starts(range: Bounds): Float64Array[] {
  const whole = STARTS_PER_UNIT ** range.length;
  // The generalised golden ratio: the root of x^(k+1) = x + 1.
  let ratio = 1.5;
  for (let i = 0; i < 50; i++) ratio = (1 + ratio) ** (1 / (range.length + 1));
  const onGrid = (n: number, i: number) => ((Math.floor(n / STARTS_PER_UNIT ** i) % STARTS_PER_UNIT) + 0.5) / STARTS_PER_UNIT;
  const inSequence = (n: number, i: number) => (0.5 + n / ratio ** (i + 1)) % 1;
  const share = whole <= MOST_STARTS ? onGrid : inSequence;
  return Array.from({ length: Math.min(whole, MOST_STARTS) }, (_, n) =>
    Float64Array.from(range, ([low, high], i) => low + share(n, i) * (high - low)),
  );
}

function descend(decoder: Decoder, y: ArrayLike<number>, range: Bounds, start: Float64Array): { t: Float64Array; loss: number } {
  let t = start;
  let { output, derivatives } = decoder(t);
  let { residual, loss } = residuals(output, y);
  let damping = 1e-3;
  for (let iteration = 0; iteration < ITERATIONS; iteration++) {
    const slope = derivatives.map((column) => dot(column, residual));
    // A unit at its bound is fixed for this step where the step would leave the bounds.
    const free = [...slope.keys()].filter((i) => {
      const [low, high] = range[i] as readonly [number, number];
      return !(((t[i] as number) <= low && (slope[i] as number) > 0) || ((t[i] as number) >= high && (slope[i] as number) < 0));
    });
    if (free.length === 0) break;
    const curvature = (a: number, b: number) => {
      const product = dot(derivatives[a] as Float64Array, derivatives[b] as Float64Array);
      return a === b ? product * (1 + damping) + 1e-12 : product;
    };
    const normal = new Dense(free.map((a) => free.map((b) => curvature(a, b))));
    const step = solve(normal, Dense.columnVector(free.map((i) => -(slope[i] as number))));
    const next = Float64Array.from(t);
    free.forEach((i, at) => {
      const [low, high] = range[i] as readonly [number, number];
      next[i] = Math.min(high, Math.max(low, (t[i] as number) + step.get(at, 0)));
    });
    const there = decoder(next);
    const found = residuals(there.output, y);
    if (found.loss < loss) {
      const gain = (loss - found.loss) / Math.max(loss, Number.MIN_VALUE);
      t = next;
      ({ output, derivatives } = there);
      ({ residual, loss } = found);
      damping = Math.max(1e-9, damping / 5);
      if (gain < CONVERGED) break;
    } else {
      damping *= 10;
      if (damping > 1e9) break;
    }
  }
  return { t, loss };
}

function residuals(output: Float64Array, y: ArrayLike<number>): { residual: Float64Array; loss: number } {
  const residual = output.map((value, e) => value - (y[e] as number));
  return { residual, loss: dot(residual, residual) };
}
