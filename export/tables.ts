/** The tables of a sweep: their columns, and how rows follow from records of the database. */
import type { BaselineRecord, CurveRecord, ScoreRecord, StoredField, TrialRecord } from '../db/queries/trials/export.ts';
import type { Comparison, ComparisonRow, Contrast } from '../models/evaluation/comparison.ts';
import { COMPARISON_METRICS } from '../models/evaluation/comparison-metrics.ts';
import type { TestErrors } from '../models/evaluation/test-errors.ts';
import { placesWithin } from '../models/interpretation/fields.ts';
import type { TrialConfiguration } from '../models/training/configuration.ts';
import { type ColumnOf, propertyColumns } from './table.ts';

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

/** Squared errors of one test row by a trial at a width or rank, or by a baseline. */
export interface TestErrorRecord {
  /** Null for baselines. */
  readonly trial: string | null;
  /** Method, or name of the baseline. */
  readonly method: string;
  readonly k: number | null;
  readonly seed: number | null;
  /** Row number in the dataset's arrays, from 0. */
  readonly row: number;
  readonly unit: number;
  readonly stratum: number | null;
  readonly squaredError: number;
  readonly spread: number;
  readonly structureSquaredError: number | null;
  readonly structureSpread: number;
  /** Division of the rows into train, validation and test, to which row and unit belong. */
  readonly partition: number;
}

export const TEST_ERRORS = propertyColumns<TestErrorRecord>({
  ...{ trial: 'text', method: 'text', k: 'integer', seed: 'integer', row: 'integer', unit: 'integer', stratum: 'integer' },
  ...{ squaredError: 'float64', spread: 'float64', structureSquaredError: 'float64', structureSpread: 'float64' },
  partition: 'integer',
});

/** Returns a record for each test row; `numbers`: row numbers in the dataset's arrays. */
export function testErrorRecords(
  scored: Pick<TestErrorRecord, 'trial' | 'method' | 'k' | 'seed' | 'partition'>,
  { errors, spreads, structureErrors, structureSpreads, units, strata }: TestErrors,
  numbers: Uint32Array,
): TestErrorRecord[] {
  const at = (values: ArrayLike<number> | null, i: number) => values?.[i] ?? null;
  return Array.from(errors, (squaredError, i) => ({
    ...scored,
    row: numbers[i] as number,
    unit: units[i] as number,
    stratum: at(strata, i),
    squaredError,
    spread: spreads[i] as number,
    structureSquaredError: at(structureErrors, i),
    structureSpread: structureSpreads[i] as number,
  }));
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

export const COMPONENTS = propertyColumns<CoefficientRecord>({
  ...{ trial: 'text', component: 'integer', place: 'integer', descriptor: 'text', coefficient: 'float32' },
});

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
  { name: 'hidden', type: 'text', value: ({ hidden }) => hidden.join('-') },
  ...propertyColumns<TrialConfiguration>({
    ...{ activation: 'text', layerNorm: 'boolean', dropout: 'float64', optimiser: 'text', weightDecay: 'float64' },
    ...{ learningRate: 'float64', schedule: 'text', epochs: 'integer', batch: 'integer', patience: 'integer' },
  }),
  { name: 'restarts', type: 'integer', value: ({ restarts }) => restarts ?? 1 },
  { name: 'start', type: 'text', value: ({ start }) => start ?? 'scratch' },
  { name: 'warm', type: 'text', value: ({ warm }) => warm ?? null },
  { name: 'momentum', type: 'float64', value: ({ momentum }) => momentum ?? null },
  { name: 'warmUp', type: 'float64', value: ({ warmUp }) => warmUp ?? null },
  { name: 'targetWeighting', type: 'float64', value: ({ targetWeighting }) => targetWeighting ?? null },
];

export const TRIALS: readonly ColumnOf<TrialRecord>[] = [
  ...propertyColumns<TrialRecord>({ trial: 'text', index: 'integer', method: 'text', k: 'integer', seed: 'integer' }),
  ...CONFIGURATION.map(({ name, type, value }) => ({
    name: `config_${name}`,
    type,
    value: ({ configuration }: TrialRecord) => value(configuration),
  })),
  ...propertyColumns<TrialRecord>({
    ...{ configurationHash: 'text', outcome: 'text', validation: 'float64', failureCode: 'text', message: 'text' },
    ...{ epochs: 'integer', seconds: 'float64', weightsKept: 'boolean', engine: 'text', engineBuild: 'text' },
    ...{ codeVersion: 'text', datasetVersion: 'text', host: 'text', startedAt: 'moment', finishedAt: 'moment' },
    partition: 'integer',
  }),
];

export const COVERED_VARIANCES = propertyColumns<ScoreRecord>({
  ...{ trial: 'text', method: 'text', split: 'text', k: 'integer' },
  ...{ coveredVariance: 'float64', structureCoveredVariance: 'float64', partition: 'integer' },
});

export const BASELINES = propertyColumns<BaselineRecord>({
  ...{ name: 'text', k: 'integer', seed: 'integer', configurationHash: 'text', split: 'text', coveredVariance: 'float64' },
  partition: 'integer',
});

export const COMPARISON_ROWS: readonly ColumnOf<ComparisonRow>[] = [
  ...propertyColumns<ComparisonRow>({ method: 'text', k: 'integer', trials: 'integer', configurationHash: 'text' }),
  ...COMPARISON_METRICS.map(({ name, read }): ColumnOf<ComparisonRow> => ({ name, type: 'float64', value: read })),
];

export const COMPARISON_CONTRASTS: readonly ColumnOf<Contrast>[] = [
  ...propertyColumns<Contrast>({ k: 'integer', a: 'text', b: 'text' }),
  ...(['mean', 'low', 'high'] as const).map(
    (part): ColumnOf<Contrast> => ({
      name: `difference_${part}`,
      type: 'float64',
      value: ({ difference }) => difference[part],
    }),
  ),
  ...propertyColumns<Contrast>({ pairs: 'integer' }),
  { name: 'adjusted_p', type: 'float64', value: ({ adjustedP = null }) => adjustedP },
  { name: 'resolved', type: 'boolean', value: ({ resolved = null }) => resolved },
];

export const COMPARISON_BASELINES = propertyColumns<Comparison['baselines'][number]>({
  ...{ name: 'text', k: 'integer', coveredVariance: 'float64' },
});

export const LEARNING_CURVES = propertyColumns<EpochRecord>({
  ...{ trial: 'text', epoch: 'integer', train: 'float32', validation: 'float32', kept: 'boolean' },
});

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
    ...propertyColumns<LatentRecord>({ trial: 'text', split: 'text', row: 'integer' }),
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
