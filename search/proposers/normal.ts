/**
 * Returns the cumulative distribution function of the standard normal distribution, with an error
 * below 1.2e-7: Press et al. 2007, Numerical Recipes, 6.2.2 (Chebyshev coefficients of erfc).
 */
export function normalCdf(x: number): number {
  const z = Math.abs(x) * Math.SQRT1_2;
  const t = 1 / (1 + 0.5 * z);
  const series =
    -1.26551223 +
    t *
      (1.00002368 +
        t *
          (0.37409196 +
            t *
              (0.09678418 +
                t *
                  (-0.18628806 + t * (0.27886807 + t * (-1.13520398 + t * (1.48851587 + t * (-0.82215223 + t * 0.17087277))))))));
  const upper = (t * Math.exp(-z * z + series)) / 2;
  return x > 0 ? 1 - upper : upper;
}

/** Returns the density of the standard normal distribution. */
export const normalDensity = (x: number): number => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);

/** Farthest quantile: that of 1e-9. */
const FARTHEST = 6;

/** Returns the x below which the standard normal distribution has this share, by bisection. */
export function normalQuantile(share: number): number {
  let [low, high] = [-FARTHEST, FARTHEST];
  for (let middle = 0; high - low > 1e-9; middle = (low + high) / 2) {
    if (normalCdf(middle) < share) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
