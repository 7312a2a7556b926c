/** The trials of an interpretation: one per seed of the best configuration of each cell. */
import type { Sql } from '../db/client.ts';
import { listComparisonTrials } from '../db/queries/sweeps/comparison.ts';
import { loadComponents } from '../db/queries/sweeps/interpretation.ts';
import { findBestTrials, loadModelBytes } from '../db/queries/trials/models.ts';
import { chooseConfigurations } from '../models/evaluation/comparison.ts';
import type { InterpretedCell, InterpretedTrial } from '../models/interpretation/interpretation.ts';
import type { PackData } from '../models/training/task.ts';
import { firstColumns, firstComponents } from './first-ranks.ts';
import { partitionFindings } from './partition-findings.ts';
import { readTrialLatents } from './trial-latents.ts';

/** More seeds add pairs to compare, and no insight. */
const MOST_SEEDS = 10;

/**
 * Returns the cells with kept weights: of the first partition, with one trial of each of the
 * others. `packOf` loads the data of a partition. Throws `latents-corrupt`, `weights-corrupt`.
 */
export async function interpretedCells(
  sql: Sql,
  sweepId: string,
  packOf: (partition: number) => Promise<PackData>,
): Promise<InterpretedCell[]> {
  const scored = await listComparisonTrials(sql, [sweepId]);
  const chosen = chooseConfigurations(scored.filter(({ partition }) => partition === 0));
  const findings = await partitionFindings(sql, scored, packOf);
  const best = await findBestTrials(sql, sweepId, chosen);
  const cells: InterpretedCell[] = [];
  for (const { method, k, trials } of chosen) {
    const winner = best.find((one) => one.method === method && one.k === k);
    if (!winner) continue;
    const seeds = trials.slice(0, MOST_SEEDS);
    const components = await loadComponents(
      sql,
      seeds.map(({ trialId }) => trialId),
    );
    const read = async ({ trialId, seed, test }: (typeof seeds)[number]): Promise<InterpretedTrial[]> => {
      const all = components.get(trialId) ?? null;
      const latents = await readTrialLatents(sql, trialId, 'test', all, () => packOf(0));
      if (!latents) return [];
      // A trial of ECA has the components of its highest rank; the first k are those of rank k.
      return [
        {
          trialId,
          seed,
          coveredVariance: test,
          components: all && firstComponents(all, latents.columns, k),
          latents: firstColumns(latents, k),
        },
      ];
    };
    const withLatents = (await Promise.all(seeds.map(read))).flat();
    cells.push({
      method,
      k,
      trials: withLatents,
      withoutLatents: seeds.length - withLatents.length,
      partitions: findings.get(`${method}/${k}`) ?? [],
      best: { trialId: winner.trialId, model: await loadModelBytes(sql, winner.trialId) },
    });
  }
  return cells;
}
