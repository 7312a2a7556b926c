/** Labels of baselines and scores. */
export const BASELINE_NAMES: Readonly<Record<string, string>> = {
  emulator: 'full emulator',
  ridge: 'ridge',
  pcr: 'PCA regression',
  pls2: 'PLS2',
};

/** Formats a covered variance: more digits close to 1. */
export function formatScore(value: number): string {
  return value > 0.9945 ? value.toFixed(4) : value.toFixed(3);
}
