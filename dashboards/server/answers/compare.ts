/** Comparison of several sweeps. */

import { setImmediate as nextTurn } from 'node:timers/promises';
import type { SweepRow } from '../../../db/queries/sweeps/sweeps.ts';
import { listTrainers } from '../../../db/queries/trainers.ts';
import { NarrowsError } from '../../../errors.ts';
import type { Comparison } from '../../../models/evaluation/comparison.ts';
import { METHODS } from '../../../models/methods/catalogue.ts';
import { physicalPart } from '../../../models/standardisation.ts';
import { type CellAgreement, compareModels } from '../../../operations/agreement.ts';
import { requirePoolable } from '../../../operations/compare.ts';
import { NOTHING_IN_TRAINING, statusOf } from '../../../operations/sweeps/status.ts';
import { isFinished } from '../../../search/states.ts';
import { warnOfRows } from '../../../text/comparison.ts';
import type { Compare } from '../../contract/compare.ts';
import type { QueryContext } from '../query-context.ts';
import { computeComparison, findStoredComparison } from './comparison.ts';
import { datasetReference, sweepRunningError } from './sweeps.ts';

/** `sweeps` must be distinct; their order is kept. */
export async function compareSweeps(query: QueryContext, sweeps: readonly SweepRow[]): Promise<Compare> {
  const trainers = await listTrainers(query.db.sql);
  const comparisons = await Promise.all(
    sweeps.map(async (row) => {
      const table = await query.table(row);
      return {
        sweep: statusOf(row, table.tally(), NOTHING_IN_TRAINING, trainers),
        ...(await withReason(() => loadComparison(query, row))),
      };
    }),
  );
  const { comparison: pooled, reason } = await withReason(() => poolComparison(query, sweeps));
  return {
    comparisons,
    pooled,
    reason,
    warnings: pooled ? warnOfRows(pooled.rows) : comparisons.flatMap(warnOfSweep),
    contrasts: pooled?.contrasts ?? [],
    figures: groupByCell(sweeps, comparisons),
    agreement: await computeAgreements(query, sweeps),
  } as Compare;
}

const warnOfSweep = ({ sweep, comparison }: { sweep: { name: string }; comparison: Comparison | null }): string[] =>
  warnOfRows(comparison?.rows ?? []).map((warning) => `${sweep.name}: ${warning}`);

/** Turns a user error into the reason why a comparison is missing; the rest of the answer stays. */
async function withReason(compare: () => Promise<Comparison>): Promise<{ comparison: Comparison | null; reason: string | null }> {
  try {
    return { comparison: await compare(), reason: null };
  } catch (error) {
    if (!(error instanceof NarrowsError)) throw error;
    return { comparison: null, reason: error.message };
  }
}

async function loadComparison(query: QueryContext, row: SweepRow): Promise<Comparison> {
  if (!isFinished(row.state)) throw sweepRunningError(row);
  return (await findStoredComparison(query, row)) ?? computeComparison(query, [row]);
}

async function poolComparison(query: QueryContext, sweeps: readonly SweepRow[]): Promise<Comparison> {
  const running = sweeps.find((row) => !isFinished(row.state));
  if (running) throw sweepRunningError(running);
  await requirePoolable(query.db.sql, sweeps);
  return sweeps.length === 1 ? loadComparison(query, sweeps[0] as SweepRow) : computeComparison(query, sweeps);
}

function groupByCell(sweeps: readonly SweepRow[], comparisons: readonly { comparison: Comparison | null }[]): Compare['figures'] {
  const rows = comparisons.flatMap(({ comparison }, i) => {
    const row = sweeps[i] as SweepRow;
    return (comparison?.rows ?? []).map((figure) => ({ ...figure, sweepId: row.id, dataset: datasetReference(row) }));
  });
  const widths = [...new Set(rows.map(({ k }) => k))].sort((a, b) => a - b);
  return METHODS.flatMap((method) =>
    widths.flatMap((k) => {
      const own = rows.filter((figure) => figure.method === method && figure.k === k);
      const plain = own.map(({ sweepId, dataset, trials, coveredVariance }) => ({ sweepId, dataset, trials, coveredVariance }));
      return plain.length === 0 ? [] : [{ method, k, sweeps: plain }];
    }),
  );
}

async function computeAgreements(query: QueryContext, sweeps: readonly SweepRow[]): Promise<Compare['agreement']> {
  const found: Compare['agreement'] = [];
  for (const [i, first] of sweeps.entries()) {
    for (const second of sweeps.slice(i + 1)) {
      const cells: CellAgreement[] = [];
      let reason: string | null = null;
      try {
        const structures = async () => physicalPart((await query.data(first)).pack, 'test').x;
        for await (const cell of compareModels(query.db.sql, [first, second], structures)) {
          cells.push(cell);
          await nextTurn();
        }
      } catch (error) {
        if (!(error instanceof NarrowsError)) throw error;
        reason = error.message;
      }
      found.push({ sweeps: [first.id, second.id], cells: reason === null ? (cells as never) : [], reason });
    }
  }
  return found;
}
