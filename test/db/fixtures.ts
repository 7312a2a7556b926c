import type { Queryable, Sql } from '../../db/client.ts';
import { saveDatasetVersion } from '../../db/queries/datasets/datasets.ts';
import { saveComparison } from '../../db/queries/sweeps/comparison.ts';
import { setLimits } from '../../db/queries/sweeps/limits.ts';
import { createSweep, lockSweep } from '../../db/queries/sweeps/sweeps.ts';
import { recordTrainer } from '../../db/queries/trainers.ts';
import type { TrialEntry } from '../../db/queries/trials/report-details.ts';
import { type Provenance, recordReports } from '../../db/queries/trials/trials.ts';
import { SPLITS } from '../../models/axes.ts';
import { cellName, type Method } from '../../models/methods/catalogue.ts';
import type { TrialReport } from '../../models/training/report.ts';
import type { CellLimits } from '../../search/limits/limits.ts';
import { configurationHash, type Trial, trialId } from '../../search/space.ts';
import type { SweepSpec } from '../../search/spec.ts';

export const VERSION = 'ab'.repeat(32);

export const PROVENANCE: Provenance = {
  datasetVersion: VERSION,
  engine: 'kernel',
  engineBuild: 'wasm/1',
  codeVersion: '0.1.0',
  host: 'here',
};

const TRAINING = { epochs: 20, batch: 256, patience: 0 };

export const SPEC: SweepSpec = {
  name: 'waist',
  dataset: 'water',
  target: 'xes',
  split: { train: 0.7, validation: 0.15, test: 0.15, seed: 1, by: 'random' },
  scale: { x: 'zscore', y: 'centre' },
  methods: ['ednn', 'eca', 'nnca'],
  space: {
    k: [1, 2, 3],
    hidden: { kind: 'constant', value: [64, 64] },
    activation: { kind: 'constant', value: 'elu' },
    layerNorm: { kind: 'constant', value: false },
    dropout: { kind: 'constant', value: 0 },
    optimiser: { kind: 'constant', value: 'adam' },
    weightDecay: { kind: 'constant', value: 0 },
    schedule: { kind: 'constant', value: 'one-cycle' },
    learningRate: { kind: 'constant', value: 0.001 },
  },
  seeds: [0, 1, 2, 3, 4],
  sampler: { kind: 'grid', steps: 1 },
  training: TRAINING,
  halving: null,
};

/** Inserts a sweep with its dataset version. */
export async function seedSweep(
  sql: Queryable,
  id: string,
  { name = 'waist', planned = 100, spec = SPEC } = {},
): Promise<string> {
  await saveDatasetVersion(sql, { name: 'water', version: VERSION, description: { title: 'water' } });
  const codeVersion = PROVENANCE.codeVersion;
  await createSweep(sql, {
    id,
    name,
    spec,
    dataset: 'water',
    datasetVersion: VERSION,
    target: 'xes',
    planned,
    packSizes: [16],
    codeVersion,
  });
  return id;
}

/** Returns trial number `index`: five seeds per learning rate. */
/** Limits cells of a sweep. Returns its limits. */
export const limitCells = (sql: Sql, id: string, limits: CellLimits): Promise<CellLimits> =>
  sql.begin(async (transaction) => setLimits(transaction, await lockSweep(transaction, id), limits)) as Promise<CellLimits>;

export function trialOf(index: number, { method = 'ednn' as Method, k = 2 } = {}): Trial {
  const configuration = {
    method,
    k,
    hidden: [64, 64],
    activation: 'elu',
    layerNorm: false,
    dropout: 0,
    optimiser: 'adam',
    weightDecay: 0,
    schedule: 'one-cycle',
    learningRate: 0.001 * (1 + Math.floor(index / 5)),
    ...TRAINING,
  } as const;
  return {
    index,
    configuration,
    configurationHash: configurationHash(configuration),
    seed: index % 5,
    partition: 0,
    cell: cellName({ method, k }),
  };
}

/**
 * Returns a completed trial whose covered variance is `score` at its width and lower at lower
 * ranks.
 */
export function completed(sweepId: string, trial: Trial, score: number, { rows = 3, rung = 0, epochs = 20 } = {}): TrialEntry {
  const { method, k } = trial.configuration;
  const ranks = method === 'eca' ? Array.from({ length: k }, (_, i) => i + 1) : [k];
  const report: TrialReport = {
    trialId: trialId(sweepId, trial.index),
    outcome: 'completed',
    epochs,
    seconds: 2,
    scores: SPLITS.flatMap((split, at) =>
      ranks.map((rank) => ({
        split,
        k: rank,
        coveredVariance: score - 0.1 * (k - rank) - 0.001 * at,
        structureCoveredVariance: method === 'ednn' ? null : 0.5,
        errors: split === 'test' ? Float64Array.of(1, 2, 3) : null,
      })),
    ),
    emulator: method === 'eca' ? SPLITS.map((split) => ({ split, coveredVariance: 0.99, errors: null })) : [],
    latents: SPLITS.map((split) => ({
      split,
      k,
      rows,
      data: Float32Array.from({ length: rows * k }, (_, i) => i + trial.index),
    })),
    // For two descriptors.
    components: method === 'ednn' ? null : Float32Array.from({ length: 2 * k }, (_, i) => (i % 3 === 0 ? 1 : 0)),
    curve: { train: [0.1, 0.2], validation: [0.1, score], best: 1 },
    model: new TextEncoder().encode(`weights of ${trial.index}`),
  };
  return { trial, trialId: report.trialId, rung, report };
}

/** Returns a trial that waits at a rung. */
export function atRung(sweepId: string, trial: Trial, rung: number, validation: number): TrialEntry {
  const report: TrialReport = {
    trialId: trialId(sweepId, trial.index),
    outcome: 'rung',
    epochs: 5 * (rung + 1),
    seconds: 1,
    validation,
    checkpoint: new TextEncoder().encode(`rung ${rung} of ${trial.index}`),
    curve: { train: [0.1], validation: [validation], best: 0 },
  };
  return { trial, trialId: report.trialId, rung, report };
}

export function failed(sweepId: string, trial: Trial, { code = 'EngineLost', message = 'gone', rung = 0 } = {}): TrialEntry {
  const id = trialId(sweepId, trial.index);
  return { trial, trialId: id, rung, report: { trialId: id, outcome: 'failed', code, message, epochs: 0, seconds: 1 } };
}

export function diverged(sweepId: string, trial: Trial, rung = 0): TrialEntry {
  const id = trialId(sweepId, trial.index);
  const curve = { train: [0.1, Number.NaN], validation: [0.1, Number.NEGATIVE_INFINITY], best: 0 };
  return {
    trial,
    trialId: id,
    rung,
    report: { trialId: id, outcome: 'diverged', message: 'loss is NaN', epochs: 2, seconds: 1, curve },
  };
}

/** Inserts a sweep, its comparison, a run of a retraining and a trainer: a row for each view. */
export async function seedMonitored(sql: Sql): Promise<void> {
  await seedSweep(sql, 's', { name: 'shown', planned: 4 });
  await recordReports(sql, 's', PROVENANCE, [
    completed('s', trialOf(0), 0.8),
    completed('s', trialOf(1), 0.9),
    failed('s', trialOf(2)),
  ]);
  const estimate = { mean: 0.85, low: 0.8, high: 0.9, best: 0.88 };
  await saveComparison(sql, 's', { rows: [{ method: 'ednn', k: 2, coveredVariance: estimate, structureCoveredVariance: null }] });
  await recordTrainer(sql, { id: 'a', class: 'gpu', engines: ['kernel'], slots: 2, packs: 1 });
  await sql`insert into retrainings (name, spec, dataset, target, options) values ('r', '{}', 'water', 'xes', '{}')`;
  await sql`insert into retrain_runs (id, name, outcome, from_version, to_version, sweep_ids, challenges, started_at, finished_at)
    values ('r-1', 'r', 'promoted', repeat('a', 64), repeat('b', 64), '{s}', '[{"promoted": true}, {"promoted": false}]',
      now() - interval '1 minute', now())`;
}
