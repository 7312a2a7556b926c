/** Sweeps over a tiny dataset, of which orchestration is most of the cost. */
import type { Client } from '@temporalio/client';
import { type Scratch, withScratch } from '../../datasets/files/scratch.ts';
import type { CheckedDataset } from '../../datasets/import/check.ts';
import { spoolMatrix } from '../../datasets/import/spool.ts';
import { storeDataset } from '../../datasets/import/store.ts';
import { createBlobStore } from '../../db/blobs.ts';
import type { Database } from '../../db/client.ts';
import { saveDatasetVersion } from '../../db/queries/datasets/datasets.ts';
import { readCodeVersion } from '../../infra/code-version.ts';
import { stream } from '../../models/random.ts';
import { checkSpec } from '../../operations/sweeps/check.ts';
import { startSweep } from '../../operations/sweeps/start.ts';
import { parseSweepSpec } from '../../search/schemas/spec.ts';
import type { StatedSpec } from '../../search/spec.ts';

/** A number of trials is a multiple of it. */
export const SEEDS = 10;
/** Every method and width has a configuration. */
export const FEWEST_TRIALS = 70;

/** Stores a dataset with negligible latents. */
export async function storeSmallDataset(db: Database, folder: string): Promise<void> {
  await withScratch(folder, async (scratch) =>
    storeDataset(await createSmallDataset(scratch, folder), createBlobStore(db.sql, null), (row) =>
      saveDatasetVersion(db.sql, row),
    ),
  );
}

async function createSmallDataset(scratch: Scratch, folder: string): Promise<CheckedDataset> {
  const { normal } = stream(1, 'bench');
  const matrix = (rows: number, columns: number) =>
    spoolMatrix(scratch, [{ rows, columns, data: Float32Array.from({ length: rows * columns }, normal) }]);
  const columns = ['a', 'b', 'c'].map((name) => ({ name, unit: '' }));
  return {
    manifest: {
      name: 'bench',
      title: 'Synthetic data',
      licence: 'MIT',
      source: 'bench/orchestration.ts',
      units: {},
      descriptors: { file: 'X.npy', columns },
      targets: { y: { file: 'Y.npy', unit: '', energyUnit: 'eV' } },
    },
    version: '0'.repeat(64),
    x: await matrix(60, 3),
    columns,
    varying: 3,
    targets: { y: { y: await matrix(60, 4), energies: null } },
    groups: null,
    series: null,
    nearDuplicates: [],
    warnings: [],
    ids: null,
    files: {},
    folder,
  };
}

export const SMALL_SAMPLERS = ['random', 'sobol', 'tpe'] as const;

export interface SmallSweepOptions {
  readonly epochs?: number;
  readonly sampler?: (typeof SMALL_SAMPLERS)[number];
  readonly seeds?: number;
}

/** Returns a spec of this many trials over the dataset. */
export function smallSpec(
  name: string,
  trials: number,
  { epochs = 10, sampler = 'random', seeds = SEEDS }: SmallSweepOptions = {},
): StatedSpec {
  const [spec] = parseSweepSpec({
    name,
    dataset: 'bench',
    target: 'y',
    space: { k: [1, 2, 3], learningRate: { log: [0.001, 0.1] } },
    seeds,
    sampler: { [sampler]: { trials } },
    training: { epochs, batch: 32 },
  });
  if (!spec) throw new Error('the spec of the benchmark has no target');
  return spec;
}

/** Starts a sweep of this many trials over the dataset, and returns its id. */
export const startSmallSweep = async (
  servers: { readonly db: Database; readonly temporal: Client },
  name: string,
  trials: number,
  options?: SmallSweepOptions,
): Promise<string> => {
  const storage = { db: servers.db, blobs: createBlobStore(servers.db.sql, null) };
  return startSweep(servers, await checkSpec(storage, smallSpec(name, trials, options), 1), readCodeVersion());
};
