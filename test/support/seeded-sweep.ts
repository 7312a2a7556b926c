/** Seeds a large sweep without training: its row, and trials as the engine would report them. */
import { createSyntheticSweep, insertSyntheticTrials, writtenTrials } from '../../bench/queries/synthetic-trials.ts';
import type { Sql } from '../../db/client.ts';
import { findDatasetVersion } from '../../db/queries/datasets/datasets.ts';
import { reviseSweep } from '../../db/queries/sweeps/revision.ts';
import { setSweepState } from '../../db/queries/sweeps/sweeps.ts';
import { sweepIdOf } from '../../operations/sweeps/start.ts';
import { previewTrials, trialCount } from '../../search/space.ts';
import type { SweepSpec } from '../../search/spec.ts';
import { specsOf } from '../search/specs.ts';

export interface SeededSweep {
  readonly id: string;
  readonly spec: SweepSpec;
  readonly version: string;
  readonly planned: number;
}

const SEEDS = 10;
const BLOCK = 5000;
/** Upper limit of the synthetic covered variances, which cannot exceed 1. */
const MAX_COVERED_VARIANCE = 0.9995;
const CODE = 'seeded';

function specOf(name: string, trials: number): SweepSpec {
  const [spec] = specsOf({
    name,
    dataset: 'water',
    target: 'xes',
    space: {
      k: [1, 2, 3],
      hidden: {
        choice: [
          [16, 16],
          [32, 32],
          [64, 64],
        ],
      },
      activation: { choice: ['gelu', 'elu', 'tanh'] },
      dropout: { uniform: [0, 0.3] },
      weightDecay: { log: [1e-6, 1e-2] },
      learningRate: { log: [1e-4, 1e-1] },
    },
    seeds: SEEDS,
    sampler: { random: { trials } },
    training: { epochs: 40, batch: 64 },
  });
  return spec as SweepSpec;
}

/** Creates a running sweep of `trials` trials (a multiple of ten) on the newest water dataset. */
export async function seedSweep(sql: Sql, name: string, trials: number): Promise<SeededSweep> {
  const { version } = await findDatasetVersion(sql, 'water');
  const spec = specOf(name, trials);
  const id = sweepIdOf('seeded', name);
  await createSyntheticSweep(sql, id, spec, { datasetVersion: version, codeVersion: CODE });
  return { id, spec, version, planned: trialCount(spec) };
}

/** Writes trials `from` to `to` (excluded), which end now, in one revision per block. */
export async function seedTrials(sql: Sql, { id, spec, version }: SeededSweep, from: number, to: number): Promise<void> {
  for (let start = from; start < to; start += BLOCK) {
    const indices = Array.from({ length: Math.min(BLOCK, to - start) }, (_, i) => start + i);
    await reviseSweep(sql, id, async (transaction, writeId) => {
      await insertSyntheticTrials(transaction, id, {
        datasetVersion: version,
        codeVersion: CODE,
        trials: previewTrials(spec, indices),
        writeId,
        maxValidation: MAX_COVERED_VARIANCE,
        splitGap: 0,
        hasStructure: false,
        curveInterval: SEEDS,
      });
      return writtenTrials(indices.length);
    });
  }
}

export async function endSweep(sql: Sql, { id }: SeededSweep): Promise<void> {
  await setSweepState(sql, id, 'completed');
}
