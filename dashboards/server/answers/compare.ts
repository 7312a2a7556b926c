/** What is answered about several sweeps beside one another. */
import { setImmediate as turn } from 'node:timers/promises';
import type { SweepRow } from '../../../db/queries/sweeps/sweeps.ts';
import { baselineFigures, comparisonTrials, savedComparison } from '../../../db/queries/trials/results.ts';
import { NarrowsError } from '../../../errors.ts';
import { METHODS } from '../../../models/engines/engine.ts';
import type { Comparison } from '../../../models/evaluation/comparison.ts';
import { physicalPart } from '../../../models/scaling-fit.ts';
import { agreementOf, type CellAgreement } from '../../../operations/agreement.ts';
import { requireSameRows } from '../../../operations/compare.ts';
import { statusOf } from '../../../operations/sweeps.ts';
import type { Compare } from '../../contract/compare.ts';
import { hasEnded, type Reading } from '../query-context.ts';
import { aboutOf, datasetReference, sweepRunning } from './sweeps.ts';

/** Sweeps in the order asked for, each once. */
export async function compareAnswer(reading: Reading, sweeps: readonly SweepRow[]): Promise<Compare> {
  const comparisons = await Promise.all(
    sweeps.map(async (row) => {
      const table = await reading.table(row);
      return { sweep: statusOf(row, table.tally(), 0), ...(await orReason(() => comparisonOf(reading, row))) };
    }),
  );
  const together = await orReason(() => pooledComparison(reading, sweeps));
  return {
    comparisons,
    pooled: together.comparison,
    reason: together.reason,
    contrasts: together.comparison?.contrasts ?? [],
    figures: sideBySide(sweeps, comparisons),
    agreement: await agreements(reading, sweeps),
  } as Compare;
}

/** A person's mistake, or what is not there yet, is a part of the answer: the rest of it stands. */
async function orReason(compare: () => Promise<Comparison>): Promise<{ comparison: Comparison | null; reason: string | null }> {
  try {
    return { comparison: await compare(), reason: null };
  } catch (error) {
    if (!(error instanceof NarrowsError)) throw error;
    return { comparison: null, reason: error.message };
  }
}

async function comparisonOf(reading: Reading, row: SweepRow): Promise<Comparison> {
  if (!hasEnded(row)) throw sweepRunning(row);
  const saved = (await savedComparison(reading.parts.db.sql, row.id)) as Comparison | null;
  return saved ?? compared(reading, [row]);
}

async function pooledComparison(reading: Reading, sweeps: readonly SweepRow[]): Promise<Comparison> {
  const running = sweeps.find((row) => !hasEnded(row));
  if (running) throw sweepRunning(running);
  requireSameRows(sweeps);
  return sweeps.length === 1 ? comparisonOf(reading, sweeps[0] as SweepRow) : compared(reading, sweeps);
}

async function compared({ parts, compute }: Reading, sweeps: readonly SweepRow[]): Promise<Comparison> {
  const { sql } = parts.db;
  const ids = sweeps.map(({ id }) => id);
  const [trials, baselines] = await Promise.all([comparisonTrials(sql, ids), baselineFigures(sql, ids)]);
  const [first] = sweeps as [SweepRow, ...SweepRow[]];
  if (trials.length === 0) throw new NarrowsError('nothing-to-compare', `${first.name} has no completed trial`);
  return compute('comparison', { about: { ...aboutOf(first), sweeps: ids }, trials, baselines });
}

function sideBySide(sweeps: readonly SweepRow[], comparisons: readonly { comparison: Comparison | null }[]): Compare['figures'] {
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

async function agreements(reading: Reading, sweeps: readonly SweepRow[]): Promise<Compare['agreement']> {
  const found: Compare['agreement'] = [];
  for (const [i, first] of sweeps.entries()) {
    for (const second of sweeps.slice(i + 1)) {
      const cells: CellAgreement[] = [];
      let reason: string | null = null;
      try {
        const structures = async () => physicalPart((await reading.data(first)).pack, 'test').x;
        for await (const cell of agreementOf(reading.parts.db.sql, [first, second], structures)) {
          cells.push(cell);
          await turn();
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
