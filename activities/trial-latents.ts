/** The latents of a trial: those that are stored, else those that its model yields. */
import type { Queryable } from '../db/client.ts';
import { findModelBytes } from '../db/queries/trials/models.ts';
import { loadLatents } from '../db/queries/trials/results.ts';
import type { Matrix, SplitName } from '../models/axes.ts';
import { projectSplit } from '../models/methods/finish-training.ts';
import { physicalPart } from '../models/standardisation.ts';
import { loadModel } from '../models/stored/model.ts';
import type { PackData } from '../models/training/task.ts';

/**
 * Returns the latents of the rows of a split [n, k], of ECA at its highest rank; null where a sweep
 * keeps neither latents, components nor weights of the trial. Throws `latents-corrupt`,
 * `weights-corrupt`.
 */
export async function readTrialLatents(
  sql: Queryable,
  trialId: string,
  split: SplitName,
  components: Float32Array | null,
  packOf: () => Promise<PackData>,
): Promise<Matrix | null> {
  const stored = await loadLatents(sql, trialId, split);
  if (stored) return { rows: stored.rows, columns: stored.k, data: stored.data };
  if (components) {
    const { rows, k, data } = projectSplit(await packOf(), split, components);
    return { rows, columns: k, data };
  }
  const weights = await findModelBytes(sql, trialId);
  return weights && loadModel(weights).encode(physicalPart(await packOf(), split).x);
}
