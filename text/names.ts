/** Labels of baselines and scores. */
export const BASELINE_NAMES: Readonly<Record<string, string>> = {
  emulator: 'full emulator',
  ridge: 'ridge',
  pcr: 'PCA regression',
  pls2: 'PLS2',
};

/** Formats a covered variance: more digits close to 1. */
export const formatScore = (value: number): string => value.toFixed(value > 0.9945 ? 4 : 3);
