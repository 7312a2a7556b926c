/** Warnings of rows far outside the training rows of a sweep, from its interpretation. */
import type { Queryable } from '../../db/client.ts';
import { findInterpretation } from '../../db/queries/sweeps/interpretation.ts';
import type { Interpretation } from '../../models/interpretation/interpretation.ts';
import { describeFarRows } from '../../text/far-rows.ts';

/** Returns sentences; none before the sweep has been interpreted. */
export async function findFarRowWarnings(sql: Queryable, sweepId: string): Promise<string[]> {
  const stored = await findInterpretation(sql, sweepId);
  const { far = [] } = (stored?.result ?? {}) as Partial<Interpretation>;
  return far.map((rows) => describeFarRows(rows, rows.split, rows.descriptor));
}
