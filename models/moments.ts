/** Moments of a spectrum taken as a density over energy, in float64. */

export const MOMENTS = ['area', 'mean', 'width', 'skewness'] as const;
export type Moment = (typeof MOMENTS)[number];

/** ∫ f(E) dE = Σ w f(E) by the trapezoid rule, on a grid of any steps. */
export function trapezoidWeights(energies: ArrayLike<number>): Float64Array {
  const last = energies.length - 1;
  const at = (e: number) => energies[Math.min(Math.max(e, 0), last)] as number;
  return Float64Array.from(energies, (_, e) => (at(e + 1) - at(e - 1)) / 2);
}

/**
 * With the density p = I / A: area A = ∫ I dE, mean μ = ∫ E p dE, width σ = (∫ (E - μ)² p dE)^½,
 * skewness ∫ ((E - μ) / σ)³ p dE. NaN where a moment does not exist: all but the area where it is
 * not positive, and width and skewness where negative intensities leave nothing to take a root of.
 */
export function moments(
  energies: ArrayLike<number>,
  weights: ArrayLike<number>,
  intensities: ArrayLike<number>,
): Record<Moment, number> {
  const sum = (of: (energy: number) => number) => {
    let total = 0;
    for (let e = 0; e < energies.length; e++) {
      total += (weights[e] as number) * (intensities[e] as number) * of(energies[e] as number);
    }
    return total;
  };
  const area = sum(() => 1);
  if (!(area > 0)) return { area, mean: Number.NaN, width: Number.NaN, skewness: Number.NaN };
  // From the middle, since energies are large compared with their range.
  const middle = ((energies[0] as number) + (energies[energies.length - 1] as number)) / 2;
  const mean = middle + sum((energy) => energy - middle) / area;
  const width = Math.sqrt(sum((energy) => (energy - mean) ** 2) / area);
  return { area, mean, width, skewness: sum((energy) => (energy - mean) ** 3) / area / width ** 3 };
}
