/** Seeds sweeps: a small dataset, trials of the spec's space, and models that predict. */

import { joinLineage } from '../../../datasets/description.ts';
import { openListSpool, spoolMatrix } from '../../../datasets/import/spool.ts';
import { storeDataset } from '../../../datasets/import/store.ts';
import { loadPackData } from '../../../datasets/pack-data.ts';
import type { BlobStore } from '../../../db/blobs.ts';
import type { Sql } from '../../../db/client.ts';
import { findDatasetVersion, saveDatasetVersion } from '../../../db/queries/datasets/datasets.ts';
import { createSweep } from '../../../db/queries/sweeps/sweeps.ts';
import type { TrialEntry } from '../../../db/queries/trials/report-details.ts';
import { recordReports } from '../../../db/queries/trials/trials.ts';
import { type Matrix, SPLITS } from '../../../models/axes.ts';
import { METHOD_DEFINITIONS } from '../../../models/methods/catalogue.ts';
import { initialParameters } from '../../../models/networks/initial.ts';
import { stream } from '../../../models/random.ts';
import { packModel } from '../../../models/stored/model-file.ts';
import type { PackData } from '../../../models/training/task.ts';
import { previewTrials, type Trial, trialCount } from '../../../search/space.ts';
import type { SweepSpec } from '../../../search/spec.ts';
import { completed, diverged, failed, PROVENANCE } from '../../db/fixtures.ts';
import { specsOf } from '../../search/specs.ts';
import { scratch } from '../../support/scratch.ts';

export const DATASET_VERSION = 'c0ffee'.padEnd(64, '0');
const ROWS = 80;
const ENERGIES = [10, 11, 12, 13, 14];
const COLUMNS = ['a', 'b', 'still', 'c'].map((name) => ({ name, unit: name === 'b' ? 'angstrom' : '' }));

/** Seeds 80 rows with ids; descriptor `still` is constant, spectra depend on the others. */
export async function seedDataset(sql: Sql, blobs: BlobStore, version = DATASET_VERSION): Promise<void> {
  const { normal } = stream(Number.parseInt(version.slice(0, 6), 16), 'planted');
  const x = Float32Array.from({ length: ROWS * COLUMNS.length }, (_, i) => (i % COLUMNS.length === 2 ? 1 : normal()));
  const y = Float32Array.from({ length: ROWS * ENERGIES.length }, (_, i) => {
    const row = Math.floor(i / ENERGIES.length) * COLUMNS.length;
    return (x[row] as number) * (1 + (i % ENERGIES.length)) + 0.5 * (x[row + 1] as number) + 0.1 * normal();
  });
  await storeDataset(
    {
      manifest: {
        name: 'little',
        title: 'A little dataset',
        licence: 'MIT',
        source: 'made up',
        units: {},
        descriptors: { file: 'X.npy', columns: COLUMNS },
        targets: {
          xes: { file: 'Y.npy', energies: 'E.csv#e', unit: 'counts', energyUnit: 'eV' },
          other: { file: 'Z.npy', unit: '1', energyUnit: 'eV' },
        },
      },
      version,
      x: await spoolRows({ rows: ROWS, columns: COLUMNS.length, data: x }),
      varying: COLUMNS.length - 1,
      columns: COLUMNS,
      targets: {
        xes: { y: await spoolRows({ rows: ROWS, columns: ENERGIES.length, data: y }), energies: ENERGIES },
        other: {
          y: await spoolRows({ rows: ROWS, columns: ENERGIES.length, data: y.map((value) => 2 * value) }),
          energies: null,
        },
      },
      groups: null,
      series: null,
      nearDuplicates: [],
      warnings: [],
      ids: await spoolIds(),
      files: { 'X.npy': 'ab'.repeat(32) },
      folder: '/nowhere',
    },
    blobs,
    (row) => saveDatasetVersion(sql, row),
  );
}

const spoolRows = (matrix: Matrix) => spoolMatrix(scratch, [matrix]);

async function spoolIds() {
  const list = await openListSpool(scratch);
  await list.add(Array.from({ length: ROWS }, (_, row) => `frame ${row}`));
  return list.end();
}

/** 100 trials: 4 configurations of each of 5 pairs of method and width, 5 seeds. */
export function smallSpec(changes: Record<string, unknown> = {}): SweepSpec {
  const [spec] = specsOf({
    name: 'little',
    dataset: 'little',
    target: 'xes',
    space: {
      k: [1, 2],
      hidden: { choice: [[8, 8], [12]] },
      activation: { choice: ['gelu', 'tanh'] },
      optimiser: 'adam',
      layerNorm: { choice: [false, true] },
      dropout: { uniform: [0, 0.3] },
      learningRate: { log: [1e-4, 1e-1] },
    },
    seeds: 5,
    sampler: { random: { trials: 100 } },
    training: { epochs: 20, batch: 16 },
    ...changes,
  });
  return spec as SweepSpec;
}

export interface SeededSweep {
  readonly id: string;
  readonly spec: SweepSpec;
  readonly trials: readonly Trial[];
  readonly pack: PackData;
  /** Returns the report of a trial. */
  entry(index: number): TrialEntry;
  /** Records reports in one transaction. */
  record(...indices: readonly number[]): Promise<void>;
}

export async function seedSweep(
  sql: Sql,
  blobs: BlobStore,
  id: string,
  spec: SweepSpec = smallSpec(),
  version = DATASET_VERSION,
): Promise<SeededSweep> {
  const planned = trialCount(spec);
  await createSweep(sql, {
    id,
    name: spec.name,
    spec,
    dataset: 'little',
    datasetVersion: version,
    target: spec.target,
    planned,
    packSizes: [16],
    codeVersion: PROVENANCE.codeVersion,
  });
  const description = joinLineage(await findDatasetVersion(sql, `little@${version}`));
  const pack = await loadPackData(blobs, description, spec.target, spec.split, spec.scale);
  const trials = previewTrials(
    spec,
    Array.from({ length: planned }, (_, index) => index),
  );
  const entry = (index: number) => createEntry(id, trials[index] as Trial, pack);
  return {
    id,
    spec,
    trials,
    pack,
    entry,
    async record(...indices) {
      await recordReports(sql, id, { ...PROVENANCE, datasetVersion: version }, indices.map(entry));
    },
  };
}

/** Every seventh trial fails, every eleventh diverges; scores have ties. */
function createEntry(id: string, trial: Trial, pack: PackData): TrialEntry {
  const { index, configuration } = trial;
  if (index % 7 === 3) return failed(id, trial);
  if (index % 11 === 5) return diverged(id, trial);
  const { method, k } = configuration;
  const score =
    Math.round(10 * (0.3 * k + 0.2 * configuration.dropout + (method === 'ednn' ? 0.2 : 0.1) + 0.03 * (index % 5))) / 10;
  const whole = completed(id, trial, score);
  const D = pack.x.columns;
  const directions = Float32Array.from({ length: k * D }, (_, i) => (i % D === Math.floor(i / D) ? 1 : 0));
  const report = {
    ...whole.report,
    seconds: 1 + (index % 4),
    components: method === 'ednn' ? null : directions,
    latents: SPLITS.map((split) => ({
      split,
      k,
      rows: pack.rows[split].length,
      data: Float32Array.from({ length: pack.rows[split].length * k }, (_, i) => i + index),
    })),
    model: createModel(trial, pack),
  };
  return { ...whole, report } as TrialEntry;
}

function createModel({ configuration, seed }: Trial, { x, y, scaling }: PackData): Uint8Array {
  const { method, k } = configuration;
  const [D, E] = [x.columns, y.columns];
  const shape = METHOD_DEFINITIONS[method].layers(D, E, configuration);
  const components = Float32Array.from({ length: method === 'eca' ? k * D : 0 }, (_, i) => (i % D === Math.floor(i / D) ? 1 : 0));
  const latentRange = Array.from({ length: k }, () => [-3, 3] as const);
  return packModel({ method, k, shape, parameters: initialParameters(shape, seed), components, scaling, latentRange });
}
