/**
 * Student's t distribution (Student 1908, doi:10.1093/biomet/6.1.1), for any positive degrees of
 * freedom, by the regularised incomplete beta function: P(T > t) = I_x(df / 2, 1 / 2) / 2 with
 * x = df / (df + t^2), https://dlmf.nist.gov/8.17.
 */

/** Lanczos' coefficients for g = 7, n = 9 (doi:10.1137/0701008), as Godfrey computed them. */
const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059, 12.507343278686905,
  -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
] as const;

/** Returns ln gamma(x) for x >= 1/2. */
function logGamma(x: number): number {
  const at = x - 1;
  const sum = LANCZOS.reduce((total, coefficient, i) => (i === 0 ? coefficient : total + coefficient / (at + i)), 0);
  const base = at + 7.5;
  return 0.5 * Math.log(2 * Math.PI) + (at + 0.5) * Math.log(base) - base + Math.log(sum);
}

/** I_x(a, b) by its continued fraction, DLMF 8.17.22, in the order of Lentz (1976). */
function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  // The fraction converges fast below the mean of the distribution only.
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(1 - x, b, a);
  const tiny = 1e-300;
  const away = (value: number) => (Math.abs(value) < tiny ? tiny : value);
  let c = 1;
  let d = 1 / away(1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let m = 1; m <= 10_000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / away(1 + even * d);
    c = away(1 + even / c);
    fraction *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / away(1 + odd * d);
    c = away(1 + odd / c);
    fraction *= d * c;
    if (Math.abs(d * c - 1) < 1e-15) break;
  }
  const front = a * Math.log(x) + b * Math.log1p(-x) - Math.log(a) - (logGamma(a) + logGamma(b) - logGamma(a + b));
  return Math.exp(front) * fraction;
}

/** Returns P(T > t). */
export function studentTail(t: number, df: number): number {
  const half = incompleteBeta(df / (df + t * t), df / 2, 0.5) / 2;
  return t >= 0 ? half : 1 - half;
}

/** Returns the density at t. */
function studentDensity(t: number, df: number): number {
  const front = logGamma((df + 1) / 2) - logGamma(df / 2) - 0.5 * Math.log(df * Math.PI);
  return Math.exp(front - ((df + 1) / 2) * Math.log1p((t * t) / df));
}

/**
 * Returns the t that a variable exceeds with probability `tail`, by Newton's method: the tail is
 * convex above 0, so that steps from there never pass the root.
 */
export function studentQuantile(tail: number, df: number): number {
  if (tail > 0.5) return -studentQuantile(1 - tail, df);
  if (tail <= 0) return Number.POSITIVE_INFINITY;
  let t = 0;
  for (let i = 0; i < 1000; i++) {
    const step = (studentTail(t, df) - tail) / studentDensity(t, df);
    t += step;
    if (step <= 1e-12 * t) break;
  }
  return t;
}
