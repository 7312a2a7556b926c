/** Comparisons on test rows: as stored when a sweep finished, or computed from its trials. */
import { findComparison } from '../../../db/queries/sweeps/comparison.ts';
import type { SweepRow } from '../../../db/queries/sweeps/sweeps.ts';
import { loadComparisonScores } from '../../../db/queries/sweeps/test-errors.ts';
import { NarrowsError } from '../../../errors.ts';
import type { Comparison } from '../../../models/evaluation/comparison.ts';
import { testToTraining } from '../../../search/spec.ts';
import type { QueryContext } from '../query-context.ts';
import { datasetReference } from './sweeps.ts';

export const comparisonSubject = (row: SweepRow) => ({
  sweeps: [row.id],
  dataset: datasetReference(row),
  target: row.target,
  testToTraining: testToTraining(row.spec),
});

/**
 * Returns the comparison that was stored when the sweep finished; null without one. Older ones are
 * computed again: their intervals cover seeds alone, and too rarely hold the truth.
 */
export async function findStoredComparison(query: QueryContext, row: SweepRow): Promise<Comparison | null> {
  const stored = (await findComparison(query.db.sql, row.id)) as Comparison | null;
  return stored === null || stored.sufficiency !== undefined ? stored : computeComparison(query, [row]);
}

/** Compares sweeps that were scored on the same rows. Throws NarrowsError `nothing-to-compare`. */
export async function computeComparison(
  { db: { sql }, compute }: QueryContext,
  sweeps: readonly SweepRow[],
): Promise<Comparison> {
  const ids = sweeps.map(({ id }) => id);
  const { trials, baselines, efforts } = await loadComparisonScores(sql, ids);
  const [first] = sweeps as [SweepRow, ...SweepRow[]];
  if (trials.length === 0) throw new NarrowsError('nothing-to-compare', `${first.name} has no completed trial`);
  return compute('comparison', { ...comparisonSubject(first), sweeps: ids }, trials, baselines, efforts);
}
