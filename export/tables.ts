/**
 * The tables of a sweep: their names and columns, and how each row follows from a record of the
 * database.
 */
import type { BaselineRecord, CurveRecord, ScoreRecord, StoredField, TrialRecord } from '../db/queries/trials/export.ts';
import type { Comparison, ComparisonRow, Contrast, Estimate } from '../models/evaluation/comparison.ts';
import { placesWithin } from '../models/interpretation/fields.ts';
import type { TrialConfiguration } from '../models/training/configuration.ts';
import type { ColumnOf } from './table.ts';

/** One epoch of a learning curve. */
export interface EpochRecord {
  readonly trial: string;
  readonly epoch: number;
  readonly train: number;
  readonly validation: number;
  readonly kept: boolean;
}

/** The latents of one row of the dataset. */
export interface LatentRecord {
  readonly trial: string;
  readonly split: string;
  /** Row number in the dataset's arrays, from 0. */
  readonly row: number;
  readonly latents: ArrayLike<number>;
}

/** Coefficient of one descriptor in one component of a trial. */
export interface CoefficientRecord {
  readonly trial: string;
  readonly component: number;
  /** Position among the descriptors that vary, from 0. */
  readonly place: number;
  /** Null before the sweep is interpreted. */
  readonly descriptor: string | null;
  readonly coefficient: number;
}

export const COMPONENTS: readonly ColumnOf<CoefficientRecord>[] = [
  { name: 'trial', type: 'text', value: ({ trial }) => trial },
  { name: 'component', type: 'integer', value: ({ component }) => component },
  { name: 'place', type: 'integer', value: ({ place }) => place },
  { name: 'descriptor', type: 'text', value: ({ descriptor }) => descriptor },
  { name: 'coefficient', type: 'float32', value: ({ coefficient }) => coefficient },
];

/** A field at one point within the data. */
export interface FieldRecord {
  readonly field: string;
  readonly axes: StoredField['axes'];
  readonly at: readonly [number, number, number];
  readonly value: number;
}

export const FIELDS: readonly ColumnOf<FieldRecord>[] = [
  { name: 'field', type: 'text', value: ({ field }) => field },
  ...([0, 1, 2] as const).flatMap((axis): ColumnOf<FieldRecord>[] => [
    { name: `axis_${axis + 1}`, type: 'text', value: ({ axes }) => axes[axis].name },
    { name: `at_${axis + 1}`, type: 'float64', value: ({ at }) => at[axis] },
  ]),
  { name: 'value', type: 'float32', value: ({ value }) => value },
];

export const fieldRecords = (field: StoredField): FieldRecord[] =>
  placesWithin(field).map(({ index, at }) => ({ field: field.name, axes: field.axes, at, value: field.values[index] as number }));

/** Columns of a trial's configuration; hidden layers as '64-64'. */
const CONFIGURATION: readonly ColumnOf<TrialConfiguration>[] = [
  { name: 'config_hidden', type: 'text', value: ({ hidden }) => hidden.join('-') },
  { name: 'config_activation', type: 'text', value: ({ activation }) => activation },
  { name: 'config_layer_norm', type: 'boolean', value: ({ layerNorm }) => layerNorm },
  { name: 'config_dropout', type: 'float64', value: ({ dropout }) => dropout },
  { name: 'config_optimiser', type: 'text', value: ({ optimiser }) => optimiser },
  { name: 'config_weight_decay', type: 'float64', value: ({ weightDecay }) => weightDecay },
  { name: 'config_learning_rate', type: 'float64', value: ({ learningRate }) => learningRate },
  { name: 'config_schedule', type: 'text', value: ({ schedule }) => schedule },
  { name: 'config_epochs', type: 'integer', value: ({ epochs }) => epochs },
  { name: 'config_batch', type: 'integer', value: ({ batch }) => batch },
  { name: 'config_patience', type: 'integer', value: ({ patience }) => patience },
  { name: 'config_start', type: 'text', value: ({ start }) => start ?? 'scratch' },
  { name: 'config_warm', type: 'text', value: ({ warm }) => warm ?? null },
];

export const TRIALS: readonly ColumnOf<TrialRecord>[] = [
  { name: 'trial', type: 'text', value: ({ trial }) => trial },
  { name: 'index', type: 'integer', value: ({ index }) => index },
  { name: 'method', type: 'text', value: ({ method }) => method },
  { name: 'k', type: 'integer', value: ({ k }) => k },
  { name: 'seed', type: 'integer', value: ({ seed }) => seed },
  ...CONFIGURATION.map(({ name, type, value }) => ({
    name,
    type,
    value: ({ configuration }: TrialRecord) => value(configuration),
  })),
  { name: 'configuration_hash', type: 'text', value: ({ configurationHash }) => configurationHash },
  { name: 'outcome', type: 'text', value: ({ outcome }) => outcome },
  { name: 'validation', type: 'float64', value: ({ validation }) => validation },
  { name: 'failure_code', type: 'text', value: ({ failureCode }) => failureCode },
  { name: 'message', type: 'text', value: ({ message }) => message },
  { name: 'epochs', type: 'integer', value: ({ epochs }) => epochs },
  { name: 'seconds', type: 'float64', value: ({ seconds }) => seconds },
  { name: 'weights_kept', type: 'boolean', value: ({ weightsKept }) => weightsKept },
  { name: 'engine', type: 'text', value: ({ engine }) => engine },
  { name: 'engine_build', type: 'text', value: ({ engineBuild }) => engineBuild },
  { name: 'code_version', type: 'text', value: ({ codeVersion }) => codeVersion },
  { name: 'dataset_version', type: 'text', value: ({ datasetVersion }) => datasetVersion },
  { name: 'host', type: 'text', value: ({ host }) => host },
  { name: 'started_at', type: 'moment', value: ({ startedAt }) => startedAt },
  { name: 'finished_at', type: 'moment', value: ({ finishedAt }) => finishedAt },
];

export const COVERED_VARIANCES: readonly ColumnOf<ScoreRecord>[] = [
  { name: 'trial', type: 'text', value: ({ trial }) => trial },
  { name: 'method', type: 'text', value: ({ method }) => method },
  { name: 'split', type: 'text', value: ({ split }) => split },
  { name: 'k', type: 'integer', value: ({ k }) => k },
  { name: 'covered_variance', type: 'float64', value: ({ coveredVariance }) => coveredVariance },
  {
    name: 'structure_covered_variance',
    type: 'float64',
    value: ({ structureCoveredVariance }) => structureCoveredVariance,
  },
];

export const BASELINES: readonly ColumnOf<BaselineRecord>[] = [
  { name: 'name', type: 'text', value: ({ name }) => name },
  { name: 'k', type: 'integer', value: ({ k }) => k },
  { name: 'seed', type: 'integer', value: ({ seed }) => seed },
  { name: 'configuration_hash', type: 'text', value: ({ configurationHash }) => configurationHash },
  { name: 'split', type: 'text', value: ({ split }) => split },
  { name: 'covered_variance', type: 'float64', value: ({ coveredVariance }) => coveredVariance },
];

/** Returns four columns, all null without an estimate. */
function estimateColumns(prefix: string, read: (row: ComparisonRow) => Estimate | null): ColumnOf<ComparisonRow>[] {
  return (['mean', 'low', 'high', 'best'] as const).map((part) => ({
    name: `${prefix}_${part}`,
    type: 'float64',
    value: (row) => read(row)?.[part] ?? null,
  }));
}

export const COMPARISON_ROWS: readonly ColumnOf<ComparisonRow>[] = [
  { name: 'method', type: 'text', value: ({ method }) => method },
  { name: 'k', type: 'integer', value: ({ k }) => k },
  { name: 'trials', type: 'integer', value: ({ trials }) => trials },
  { name: 'configuration_hash', type: 'text', value: ({ configurationHash }) => configurationHash },
  ...estimateColumns('covered_variance', ({ coveredVariance }) => coveredVariance),
  ...estimateColumns('structure_covered_variance', ({ structureCoveredVariance }) => structureCoveredVariance),
];

export const COMPARISON_CONTRASTS: readonly ColumnOf<Contrast>[] = [
  { name: 'k', type: 'integer', value: ({ k }) => k },
  { name: 'a', type: 'text', value: ({ a }) => a },
  { name: 'b', type: 'text', value: ({ b }) => b },
  { name: 'difference_mean', type: 'float64', value: ({ difference }) => difference.mean },
  { name: 'difference_low', type: 'float64', value: ({ difference }) => difference.low },
  { name: 'difference_high', type: 'float64', value: ({ difference }) => difference.high },
  { name: 'pairs', type: 'integer', value: ({ pairs }) => pairs },
];

export const COMPARISON_BASELINES: readonly ColumnOf<Comparison['baselines'][number]>[] = [
  { name: 'name', type: 'text', value: ({ name }) => name },
  { name: 'k', type: 'integer', value: ({ k }) => k },
  { name: 'covered_variance', type: 'float64', value: ({ coveredVariance }) => coveredVariance },
];

export const LEARNING_CURVES: readonly ColumnOf<EpochRecord>[] = [
  { name: 'trial', type: 'text', value: ({ trial }) => trial },
  { name: 'epoch', type: 'integer', value: ({ epoch }) => epoch },
  { name: 'train', type: 'float32', value: ({ train }) => train },
  { name: 'validation', type: 'float32', value: ({ validation }) => validation },
  { name: 'kept', type: 'boolean', value: ({ kept }) => kept },
];

export function epochsOf({ trial, train, validation, best }: CurveRecord): EpochRecord[] {
  return train.map((covered, epoch) => ({
    trial,
    epoch,
    train: covered,
    validation: validation[epoch] ?? Number.NaN,
    kept: epoch === best,
  }));
}

/** Returns latent_1 ... latent_`width`; null for trials with fewer. */
export function latentColumns(width: number): ColumnOf<LatentRecord>[] {
  return [
    { name: 'trial', type: 'text', value: ({ trial }) => trial },
    { name: 'split', type: 'text', value: ({ split }) => split },
    { name: 'row', type: 'integer', value: ({ row }) => row },
    ...Array.from(
      { length: width },
      (_, unit): ColumnOf<LatentRecord> => ({
        name: `latent_${unit + 1}`,
        type: 'float32',
        value: ({ latents }) => latents[unit] ?? null,
      }),
    ),
  ];
}
