/** Checks of the models that warm starts begin from, before a sweep starts. */
import { type DatasetDescription, descriptorColumns, joinLineage } from '../datasets/description.ts';
import type { Database } from '../db/client.ts';
import { findDatasetVersion } from '../db/queries/datasets/datasets.ts';
import { loadModelBytes } from '../db/queries/trials/models.ts';
import { findTrialOrigin } from '../db/queries/trials/results.ts';
import { NarrowsError } from '../errors.ts';
import { checkWarmModels, type WarmModel } from '../search/check-warm.ts';
import type { SpecFault } from '../search/fault.ts';
import type { SweepSpec } from '../search/spec.ts';

/**
 * Returns why trials could not start from the models named for them. Throws NarrowsError
 * `trial-unknown`, `weights-dropped` or `weights-corrupt` where a model cannot be loaded, with its
 * path in the spec.
 */
export async function checkWarmStartModels(
  { sql }: Database,
  spec: SweepSpec,
  description: DatasetDescription,
): Promise<SpecFault[]> {
  const models = new Map<string, WarmModel>();
  for (const [cell, trialId] of Object.entries(spec.warm ?? {})) {
    try {
      const { configuration, dataset, datasetVersion, target } = await findTrialOrigin(sql, trialId);
      await loadModelBytes(sql, trialId);
      const from = await findDatasetVersion(sql, `${dataset}@${datasetVersion}`);
      models.set(cell, { configuration, ...columnsOf(joinLineage(from), target) });
    } catch (error) {
      if (!(error instanceof NarrowsError)) throw error;
      const { code, message, fix, kind } = error;
      const path = `warm.${cell}`;
      throw new NarrowsError(code, `${path}: ${message}`, { path, ...(fix !== undefined && { fix }), kind, cause: error });
    }
  }
  return [...checkWarmModels(spec, models, columnsOf(description, spec.target))];
}

function columnsOf(description: DatasetDescription, target: string): Pick<WarmModel, 'descriptors' | 'targets'> {
  return {
    descriptors: descriptorColumns(description).map(({ name }) => name),
    targets: description.targets[target]?.y.columns ?? 0,
  };
}
