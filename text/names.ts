/** How baselines and covered variances are written, wherever a person reads them. */
export const BASELINE_NAMES: Readonly<Record<string, string>> = {
  emulator: 'full emulator',
  ridge: 'ridge',
  pcr: 'PCA regression',
  pls2: 'PLS2',
};

/** Covered variance as text: more digits where it is close to 1. */
export function formatScore(value: number): string {
  return value > 0.9945 ? value.toFixed(4) : value.toFixed(3);
}
