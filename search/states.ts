/** States of sweeps and outcomes of trials, as rows, answers and pages name them. */

export const SWEEP_STATES = ['running', 'paused', 'completed', 'partial', 'failed', 'cancelled'] as const;
export type SweepState = (typeof SWEEP_STATES)[number];

/** States of sweeps that have ended. */
export const FINISHED_STATES = ['completed', 'partial', 'failed', 'cancelled'] as const satisfies readonly SweepState[];
export type FinishedState = (typeof FINISHED_STATES)[number];

/** Outcomes of trials that have ended; each is a count of its sweep. */
export const ENDINGS = ['completed', 'pruned', 'diverged', 'failed'] as const;
export type Ending = (typeof ENDINGS)[number];
export type EndingCounts = Readonly<Record<Ending, number>>;

/** Outcomes of trials; 'rung' is alive, waiting between two rungs. */
export const OUTCOMES = ['rung', ...ENDINGS] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** Whether a sweep in this state, or a trial with this outcome, has ended. */
export const isFinished = (state: SweepState | Outcome): boolean => state !== 'running' && state !== 'paused' && state !== 'rung';

/** Returns the number of trials that have ended. */
export const countFinished = (counts: EndingCounts): number => ENDINGS.reduce((sum, ending) => sum + counts[ending], 0);

/** Trials of a plan, and those of them that the sweep leaves out: search/limits/limits.ts. */
export interface PlannedCounts {
  readonly planned: number;
  readonly leftOut: number;
}

/** Returns the number of trials that end, sooner or later. */
export const countExpected = ({ planned, leftOut }: PlannedCounts): number => planned - leftOut;

/** Returns the counts of all these parts together. */
export function sumCounts(parts: readonly EndingCounts[]): EndingCounts {
  const total = { completed: 0, pruned: 0, diverged: 0, failed: 0 };
  for (const part of parts) for (const ending of ENDINGS) total[ending] += part[ending];
  return total;
}
