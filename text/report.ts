/** The sentences of a sweep's report. */
import { type Comparison, findFailedEmulator } from '../models/evaluation/comparison.ts';
import type { Interpretation } from '../models/interpretation/interpretation.ts';
import type { WidthAnswer } from '../search/widths/answer.ts';
import { describeComparison } from './comparison.ts';
import { describeInterpretation } from './interpretation.ts';
import { describeWidths } from './widths.ts';

export interface DescribedReport {
  readonly comparison: Comparison;
  readonly interpretation: Interpretation;
  /** Answers of a sweep that searches for widths. */
  readonly sufficientWidths?: readonly WidthAnswer[];
}

/** Describes the comparison, then what was found; nothing more if the emulator learnt nothing. */
export function describeReport({ comparison, interpretation, sufficientWidths = [] }: DescribedReport) {
  const compared = describeComparison(comparison).split('\n');
  if (findFailedEmulator(comparison.baselines)) return { comparison: compared, interpretation: [] };
  return {
    comparison: [...compared, ...describeWidths(sufficientWidths, true)],
    interpretation: describeInterpretation(interpretation),
  };
}
