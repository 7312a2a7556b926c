import type { Queryable } from '../../db/client.ts';
import { type BestTrial, type CellKey, findBestTrials } from '../../db/queries/trials/models.ts';

export const cellKey = ({ method, k }: CellKey): string => `${method}/${k}`;

/** Returns the best trial on validation of each method and width, over the sweeps of a run. */
export async function bestOfRun(
  sql: Queryable,
  sweepIds: readonly string[],
  cells: readonly CellKey[],
): Promise<ReadonlyMap<string, BestTrial>> {
  const best = new Map<string, BestTrial>();
  for (const sweepId of sweepIds) {
    for (const trial of await findBestTrials(sql, sweepId, cells)) {
      const other = best.get(cellKey(trial));
      if (!other || trial.validation > other.validation) best.set(cellKey(trial), trial);
    }
  }
  return best;
}
