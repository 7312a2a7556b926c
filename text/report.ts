/** The sentences of a sweep's report. */
import { type Comparison, findFailedEmulator } from '../models/evaluation/comparison.ts';
import type { Interpretation } from '../models/interpretation/interpretation.ts';
import { describeComparison } from './comparison.ts';
import { describeInterpretation } from './interpretation.ts';

/** Describes the comparison, then what was found; nothing more if the emulator learnt nothing. */
export function describeReport(comparison: Comparison, interpretation: Interpretation) {
  return {
    comparison: describeComparison(comparison).split('\n'),
    interpretation: findFailedEmulator(comparison.baselines) ? [] : describeInterpretation(interpretation),
  };
}
