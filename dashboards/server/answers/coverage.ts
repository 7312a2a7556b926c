/** Covered variance of a sweep by method and width, on validation rows or on test rows. */
import { listLinearBaselines, summariseCells } from '../../../db/queries/sweeps/coverage.ts';
import type { SweepRow } from '../../../db/queries/sweeps/sweeps.ts';
import { notFound } from '../../../errors.ts';
import type { ComparedBaseline, Comparison } from '../../../models/evaluation/comparison.ts';
import { countLeftOut } from '../../../search/limits/limits.ts';
import { isFinished, sumCounts } from '../../../search/states.ts';
import type { Coverage } from '../../contract/sweeps.ts';
import type { QueryContext } from '../query-context.ts';
import { comparisonSubject, findStoredComparison } from './comparison.ts';
import { sweepRunningError } from './sweeps.ts';

type Scores = Pick<Coverage, 'rows' | 'contrasts' | 'emulator' | 'baselines' | 'sufficiency'>;

/** Throws NarrowsError `sweep-running`, `comparison-missing` for test scores that do not exist. */
export async function computeCoverage(query: QueryContext, row: SweepRow, split: 'validation' | 'test'): Promise<Coverage> {
  if (split === 'test' && !isFinished(row.state)) throw sweepRunningError(row);
  const table = await query.table(row);
  const trials = sumCounts(table.tally()).completed;
  const scores = split === 'test' ? await testScores(query, row) : await validationScores(query, row);
  return {
    sweepId: row.id,
    revision: row.revision,
    split,
    trials,
    planned: row.planned,
    leftOut: countLeftOut(row.spec, row.limits),
    ...scores,
  };
}

/** The rule and intervals of the comparison, with validation scores in place of test scores. */
async function validationScores(query: QueryContext, row: SweepRow): Promise<Scores> {
  const [table, linear] = await Promise.all([query.scores(row), listLinearBaselines(query.db.sql, row.id, 'validation')]);
  const trials = table.chosen().map((trial) => {
    return { ...trial, test: trial.validation, structureTest: trial.structureValidation };
  });
  const references = [
    ...table.emulators().map((one): ComparedBaseline => {
      return { ...one, name: 'emulator', k: null, sweepId: row.id, test: one.validation };
    }),
    ...linear.map(({ name, k, partition, coveredVariance }): ComparedBaseline => {
      return { name, k, partition, configurationHash: null, validation: coveredVariance, test: coveredVariance };
    }),
  ];
  const comparison = await query.compute('comparison', comparisonSubject(row), trials, references);
  return scoresOf(comparison, ({ method, k }) => {
    const all = trials.filter((trial) => trial.method === method && trial.k === k);
    const first = Math.min(...all.map(({ partition }) => partition));
    const own = all.filter(({ partition }) => partition === first);
    const best = own.reduce((a, b) => (b.validation > a.validation ? b : a));
    return { configurations: best.configurations, bestTrial: best.trialId };
  });
}

async function testScores(query: QueryContext, row: SweepRow): Promise<Scores> {
  const stored = await findStoredComparison(query, row);
  if (!stored) {
    const message = `${row.name} ended as ${row.state}, without a comparison on test rows`;
    throw notFound('comparison-missing', message, 'split', 'request split=validation');
  }
  const facts = await summariseCells(query.db.sql, row.id, stored.rows);
  return scoresOf(stored, ({ method, k }) => {
    const fact = facts.find((one) => one.method === method && one.k === k);
    return { configurations: fact?.configurations ?? 0, bestTrial: fact?.bestTrial ?? '' };
  });
}

function scoresOf(
  { rows, contrasts, baselines, sufficiency }: Comparison,
  factsOf: (row: Comparison['rows'][number]) => Pick<Coverage['rows'][number], 'configurations' | 'bestTrial'>,
): Scores {
  const emulator = baselines.find(({ name }) => name === 'emulator');
  const mean = emulator?.coveredVariance;
  return {
    rows: rows.map(({ configurationHash, ...row }) => ({ ...row, ...factsOf({ configurationHash, ...row }) })),
    contrasts: [...contrasts],
    emulator: mean === undefined ? null : (emulator?.estimate ?? { mean, low: mean, high: mean }),
    baselines: baselines.filter(({ name }) => name !== 'emulator'),
    sufficiency: [...(sufficiency ?? [])],
  };
}
