/**
 * Drift detection: tests whether new rows have the distribution of the champion's data. Four tests
 * compare single descriptors, all descriptors jointly, the spectra, and the champion's covered
 * variance. The probability of any false alarm is `alpha` at most.
 */
import type { JointTest } from './energy-distance.ts';
import { countGroups } from './exchange.ts';
import type { MarginalTest } from './kolmogorov-smirnov.ts';
import type { PerformanceTest } from './performance.ts';
import { type DriftSample, testSamples } from './sample-tests.ts';

export const DRIFT_VERDICTS = ['none', 'inputs', 'performance', 'undecided'] as const;
/**
 * `performance`: the champion covers less variance of the new rows. `inputs`: structures or spectra
 * have shifted without a detectable loss of covered variance. `undecided`: too few groups.
 */
export type DriftVerdict = (typeof DRIFT_VERDICTS)[number];

export interface DescriptorDrift extends MarginalTest {
  /** Column of x. */
  readonly column: number;
  readonly shifted: boolean;
}

export interface Drift {
  readonly verdict: DriftVerdict;
  readonly alpha: number;
  /** Numbers of groups; null where rows are independent, absent in old records. */
  readonly groups?: { readonly reference: number; readonly fresh: number } | null | undefined;
  readonly descriptors: readonly DescriptorDrift[];
  /** Test of whether at least one descriptor has shifted. */
  readonly marginal: { readonly probability: number; readonly found: boolean };
  readonly inputs: JointTest & { readonly found: boolean };
  readonly outputs: JointTest & { readonly found: boolean };
  readonly performance: PerformanceTest & { readonly found: boolean };
}

export interface DriftOptions {
  readonly alpha: number;
  /** Minimum groups of either sample for a verdict, where rows come in groups. */
  readonly fewestGroups: number;
  readonly seed: number;
}

/** Compares hold-out rows of a champion's data with new ones. RangeError below two rows. */
export function detectDrift(reference: DriftSample, fresh: DriftSample, { alpha, fewestGroups, seed }: DriftOptions): Drift {
  const groups = reference.groups &&
    fresh.groups && { reference: countGroups(reference.groups), fresh: countGroups(fresh.groups) };
  const isDecided = groups === null || Math.min(groups.reference, groups.fresh) >= fewestGroups;
  const { descriptors, inputs, outputs, performance, adjusted } = testSamples(reference, fresh, seed);
  const [ofMarginal, ofInputs, ofOutputs, ofPerformance] = adjusted.map((probability) => isDecided && probability <= alpha) as [
    boolean,
    boolean,
    boolean,
    boolean,
  ];
  const found = ofPerformance ? 'performance' : ofMarginal || ofInputs || ofOutputs ? 'inputs' : 'none';
  return {
    verdict: isDecided ? found : 'undecided',
    alpha,
    groups,
    descriptors: descriptors.map((test, column) => ({ column, ...test, shifted: ofMarginal && test.rate <= alpha })),
    marginal: { probability: Math.min(1, ...descriptors.map(({ rate }) => rate)), found: ofMarginal },
    inputs: { ...inputs, found: ofInputs },
    outputs: { ...outputs, found: ofOutputs },
    performance: { ...performance, found: ofPerformance },
  };
}
