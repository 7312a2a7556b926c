import { type SQL, sql } from 'drizzle-orm';
import {
  type AnyPgColumn,
  bigint,
  boolean,
  check,
  customType,
  doublePrecision,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  real,
  text,
  timestamp,
  unique,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';
import { SPLITS } from '../models/axes.ts';
import type { ChallengeRecord, DriftRecord } from '../models/drift/record.ts';
import { METHODS } from '../models/methods/catalogue.ts';
import type { TrialConfiguration } from '../models/training/configuration.ts';
import type { Spending } from '../search/budget/spending.ts';
import type { CellLimits } from '../search/limits/limits.ts';
import type { Point } from '../search/parameters.ts';
import type { SamplerRecord } from '../search/proposals.ts';
import type { RetrainOptions } from '../search/retraining.ts';
import type { PlannedRoute } from '../search/routes.ts';
import type { ByMethod, SweepSpec } from '../search/spec.ts';
import { OUTCOMES, SWEEP_STATES } from '../search/states.ts';
import { DEFAULT_CLASS } from '../search/trainer-classes.ts';
import {
  CHAMPION_ENDS,
  CHAMPION_ORIGINS,
  CHANNELS,
  EVENT_KINDS,
  MESSAGE_STATES,
  RETRAIN_OUTCOMES,
  ROLES,
  SHARD_OUTCOMES,
} from './enums.ts';

/**
 * Tables. `drizzle-kit generate` turns a change of this file into a migration. Enumerated columns
 * are text with a check, so that a new value changes a constraint rather than a type. Numbers are
 * double precision and finite; values that could not be computed are null.
 */

/** Raw bytes. */
const bytea = customType<{ data: Uint8Array }>({ dataType: () => 'bytea' });

const moment = <Name extends string>(name: Name) => timestamp(name, { withTimezone: true, mode: 'date' });

const oneOf = (column: AnyPgColumn, words: readonly string[]): SQL =>
  sql`${column} in (${sql.raw(words.map((word) => `'${word}'`).join(', '))})`;

/** Rejects NaN and infinities: NaN sorts above infinity in Postgres. */
const finite = (column: AnyPgColumn): SQL => sql`${column} > '-Infinity' and ${column} < 'Infinity'`;

const isSha256 = (column: AnyPgColumn): SQL => sql`${column} ~ '^[0-9a-f]{64}$'`;

const isPackedErrors = (column: AnyPgColumn): SQL => sql`octet_length(${column}) >= 8 and octet_length(${column}) % 2 = 0`;

/** The identity of the database, in one row: docs/decisions/0035-sharing-temporal.md. */
export const installation = pgTable(
  'installation',
  {
    /** Twelve hexadecimal digits, drawn by the migration that created the table. */
    identity: text('identity').primaryKey(),
    isOnly: boolean('is_only').notNull().default(true).unique(),
    /** Where blobs are: 's3://bucket/prefix'; null: in `blob_parts`. */
    blobs: text('blobs'),
  },
  (t) => [
    check('installation_identity', sql`${t.identity} ~ '^[0-9a-f]{12}$'`),
    check('installation_only', sql`${t.isOnly}`),
    check('installation_blobs', sql`${t.blobs} like 's3://%'`),
  ],
);

/** Trainers at work, each of which repeats its row: sweeps schedule packs by their slots. */
export const trainers = pgTable(
  'trainers',
  {
    id: text('id').primaryKey(),
    /** Packs that it trains at a time, of each of its queues. */
    slots: integer('slots').notNull(),
    /** Packs that it trains, as of `seen_at`. */
    packs: integer('packs').notNull().default(0),
    class: text('class').notNull().default(DEFAULT_CLASS),
    /** Engines that a sweep can ask it for; trainers of releases without classes record none. */
    engines: text('engines').array().notNull().default([]),
    threads: integer('threads').notNull().default(1),
    /** Floating-point operations per second of training; null before it has trained. */
    flops: doublePrecision('flops'),
    seenAt: moment('seen_at').notNull().defaultNow(),
  },
  (t) => [check('trainers_slots', sql`${t.slots} > 0`)],
);

/** Speed that was last measured in each class of trainers. */
export const trainerSpeeds = pgTable('trainer_speeds', {
  class: text('class').primaryKey(),
  /** Floating-point operations per second of one thread. */
  flopsPerThread: doublePrecision('flops_per_thread').notNull(),
});

/** Identity in a row's names in Temporal; null: they have none, from before there were any. */
const identity = () => text('identity');

// ---- datasets

/** Content-addressed bytes: the arrays of datasets. In a bucket, rows come before objects. */
export const blobs = pgTable(
  'blobs',
  {
    sha256: text('sha256').primaryKey(),
    bytes: bigint('bytes', { mode: 'number' }).notNull(),
    createdAt: moment('created_at').notNull().defaultNow(),
  },
  (t) => [check('blobs_sha256', isSha256(t.sha256)), check('blobs_bytes', sql`${t.bytes} >= 0`)],
);

/** Parts of a blob in order, inserted in one transaction; none where blobs are in a bucket. */
export const blobParts = pgTable(
  'blob_parts',
  {
    sha256: text('sha256')
      .notNull()
      .references(() => blobs.sha256, { onDelete: 'cascade' }),
    part: integer('part').notNull(),
    bytes: bytea('bytes').notNull(),
  },
  (t) => [primaryKey({ columns: [t.sha256, t.part] })],
);

/** An imported dataset; other content under the same name adds a version. */
export const datasetVersions = pgTable(
  'dataset_versions',
  {
    name: text('name').notNull(),
    version: text('version').notNull(),
    /**
     * Manifest, location of each array, and facts found while reading: shapes, ranges, constant
     * columns (datasets/description.ts). For an appended version, of its own rows.
     */
    description: jsonb('description').notNull(),
    importedAt: moment('imported_at').notNull().defaultNow(),
    /** Version whose rows come before its own; null = imported as a whole. */
    parent: text('parent'),
    /** First version of the lineage, whose manifest applies to all. */
    root: text('root'),
    /** Including the rows of all ancestors. */
    rows: integer('rows'),
  },
  (t) => [
    primaryKey({ columns: [t.name, t.version] }),
    foreignKey({ columns: [t.name, t.parent], foreignColumns: [t.name, t.version], name: 'dataset_versions_parent' }),
    check('dataset_versions_version', isSha256(t.version)),
    check(
      'dataset_versions_lineage',
      sql`(${t.parent} is null) = (${t.root} is null) and (${t.parent} is null) = (${t.rows} is null)`,
    ),
  ],
);

// ---- sweeps and trials

export const sweeps = pgTable(
  'sweeps',
  {
    id: text('id').primaryKey(),
    name: text('name').notNull(),
    spec: jsonb('spec').$type<SweepSpec>().notNull(),
    dataset: text('dataset').notNull(),
    datasetVersion: text('dataset_version').notNull(),
    target: text('target').notNull(),
    planned: integer('planned').notNull(),
    /** Trials per pack, by rung. */
    packSizes: integer('pack_sizes').array().$type<readonly number[]>().notNull(),
    /** Trainers that its packs go to; null: not recorded yet. For the views. */
    routes: jsonb('routes').$type<readonly PlannedRoute[]>(),
    /** Points that cells train; null: all. A limit stays, but for that of a cell left out whole. */
    limits: jsonb('limits').$type<CellLimits>(),
    /** Planned trials that the limits leave out. For the views. */
    leftOut: integer('left_out').notNull().default(0),
    /** Points begun and budget spent, of a sweep whose budget is spent while it runs. */
    spending: jsonb('spending').$type<Spending>(),
    /** Time for which it was paused, or had ended before it went on, up to its present state. */
    idleSeconds: doublePrecision('idle_seconds').notNull().default(0),
    /** When failed trials were last requested to be trained again. */
    retriedAt: moment('retried_at'),
    /** Whether that request leaves out the trials that never ran. */
    isFailedOnly: boolean('is_failed_only').notNull().default(false),
    codeVersion: text('code_version').notNull(),
    state: text('state', { enum: SWEEP_STATES }).notNull().default('running'),
    /** Reason of a failure. */
    message: text('message'),
    /** Since when the sweep has its state. */
    stateSince: moment('state_since').notNull().defaultNow(),
    startedAt: moment('started_at').notNull().defaultNow(),
    finishedAt: moment('finished_at'),
    /** Increases with every change of the sweep: docs/decisions/0010-revisions.md. */
    revision: bigint('revision', { mode: 'number' }).notNull().default(0),
    identity: identity(),
    /** Since when the sweep counts as removed, while its rows are deleted; null: it exists. */
    removedAt: moment('removed_at'),
  },
  (t) => [
    foreignKey({
      columns: [t.dataset, t.datasetVersion],
      foreignColumns: [datasetVersions.name, datasetVersions.version],
      name: 'sweeps_dataset_version',
    }),
    index('sweeps_name').on(t.name, t.startedAt),
    check('sweeps_state', oneOf(t.state, SWEEP_STATES)),
    check('sweeps_planned', sql`${t.planned} >= 0`),
  ],
);

const sweepId = () =>
  text('sweep_id')
    .notNull()
    .references(() => sweeps.id, { onDelete: 'cascade' });

/**
 * Transactions that wrote about a sweep: docs/decisions/0038-writers.md. A trigger gives each its
 * revision as it commits.
 */
export const writes = pgTable(
  'writes',
  {
    sweepId: sweepId(),
    /** Random, since the revision is known with the commit only. */
    writeId: bigint('write_id', { mode: 'number' }).notNull(),
    revision: bigint('revision', { mode: 'number' }),
    /** When the trials ended that it ended. */
    writtenAt: moment('written_at').notNull().defaultNow(),
    /** Number of trials that it ended. */
    ended: integer('ended').notNull(),
    /** Engine that trained them; null: none did, as in a decision. */
    engine: text('engine'),
    engineBuild: text('engine_build'),
    host: text('host'),
    /** Seconds of one core that they took, by method; null: they were not trained. */
    coreSeconds: jsonb('core_seconds').$type<ByMethod<number>>(),
  },
  (t) => [primaryKey({ columns: [t.sweepId, t.writeId] }), unique('writes_revision').on(t.sweepId, t.revision)],
);

/**
 * Points that an adaptive sampler proposed, and what each follows from (search/proposals.ts): a row
 * never changes but for its observation, once.
 */
export const proposals = pgTable(
  'proposals',
  {
    sweepId: sweepId(),
    cell: text('cell').notNull(),
    point: integer('point').notNull(),
    value: jsonb('value').$type<Point>().notNull(),
    sampler: jsonb('sampler').$type<SamplerRecord>().notNull(),
    /** Points of the sweep that were proposed before it. */
    position: integer('position').notNull(),
    /** Points of the sweep that had been observed: those whose `observed` is lower. */
    observations: integer('observations').notNull(),
    /** Revision of the sweep up to which trials had been read. */
    revision: bigint('revision', { mode: 'number' }).notNull(),
    /** Points of the sweep that were observed before it; null: its trials have not all ended. */
    observed: integer('observed'),
    /** Mean validation score when it was observed; null: none of its trials had one. */
    score: doublePrecision('score'),
  },
  (t) => [
    primaryKey({ columns: [t.sweepId, t.cell, t.point] }),
    unique('proposals_position').on(t.sweepId, t.position),
    unique('proposals_observed').on(t.sweepId, t.observed),
    check('proposals_counts', sql`${t.point} >= 0 and ${t.observations} between 0 and ${t.position}`),
    check('proposals_score', sql`${finite(t.score)} and (${t.score} is null or ${t.observed} is not null)`),
  ],
);

/** One configuration, seed and partition; inserted at its first rung, or at its end. */
export const trials = pgTable(
  'trials',
  {
    id: text('id').primaryKey(),
    sweepId: sweepId(),
    index: integer('index').notNull(),
    method: text('method', { enum: METHODS }).notNull(),
    /** Bottleneck width; for ECA the highest rank. */
    k: integer('k').notNull(),
    cell: text('cell').notNull(),
    configuration: jsonb('configuration').$type<TrialConfiguration>().notNull(),
    configurationHash: text('configuration_hash').notNull(),
    seed: bigint('seed', { mode: 'number' }).notNull(),
    /** Division of the rows into train, validation and test; 0 where the sweep has one. */
    partition: integer('partition').notNull().default(0),
    outcome: text('outcome', { enum: OUTCOMES }).notNull(),
    /** Last rung that the trial reached, or ended in. */
    rung: integer('rung').notNull(),
    /** Highest rung that it was promoted into; 0 = none. */
    promotedInto: integer('promoted_into').notNull().default(0),
    /** Best validation covered variance of training. */
    validation: doublePrecision('validation'),
    failureCode: text('failure_code'),
    /** Message of a failure or divergence. */
    message: text('message'),
    epochs: integer('epochs').notNull(),
    /** Training time over all rungs and reported attempts. */
    seconds: doublePrecision('seconds').notNull(),
    startedAt: moment('started_at').notNull(),
    finishedAt: moment('finished_at').notNull(),
    datasetVersion: text('dataset_version').notNull(),
    engine: text('engine').notNull(),
    engineBuild: text('engine_build').notNull(),
    codeVersion: text('code_version').notNull(),
    host: text('host').notNull(),
    /** The write that wrote the row last: `writes` has its revision. */
    writeId: bigint('write_id', { mode: 'number' }).notNull().default(0),
  },
  (t) => [
    unique('trials_result').on(t.sweepId, t.configurationHash, t.seed, t.partition, t.datasetVersion, t.engine),
    unique('trials_index').on(t.sweepId, t.index),
    index('trials_outcome').on(t.sweepId, t.method, t.outcome),
    index('trials_finished').on(t.sweepId, t.finishedAt),
    index('trials_write').on(t.sweepId, t.writeId),
    index('trials_promoted').on(t.sweepId, t.index, t.promotedInto).where(sql`${t.promotedInto} > 0`),
    check('trials_method', oneOf(t.method, METHODS)),
    check('trials_outcome', oneOf(t.outcome, OUTCOMES)),
    check('trials_k', sql`${t.k} >= 1`),
    check('trials_validation', finite(t.validation)),
    check('trials_failure', sql`(${t.outcome} = 'failed') = (${t.failureCode} is not null)`),
  ],
);

export type TrialRow = Readonly<typeof trials.$inferSelect>;

const trialId = () =>
  text('trial_id')
    .notNull()
    .references(() => trials.id, { onDelete: 'cascade' });

/** Scores by trial, split, and width or rank; sweep, method, partition are there for an index. */
export const coveredVariances = pgTable(
  'covered_variances',
  {
    trialId: trialId(),
    split: text('split', { enum: SPLITS }).notNull(),
    k: integer('k').notNull(),
    coveredVariance: doublePrecision('covered_variance'),
    /** Covered variance of the structures by the expansion; null where the method has none. */
    structureCoveredVariance: doublePrecision('structure_covered_variance'),
    sweepId: text('sweep_id').notNull(),
    method: text('method', { enum: METHODS }).notNull(),
    partition: integer('partition').notNull().default(0),
  },
  (t) => [
    primaryKey({ columns: [t.trialId, t.split, t.k] }),
    index('covered_variances_best')
      .on(t.sweepId, t.method, t.k, t.partition, t.coveredVariance.desc().nullsLast(), t.trialId)
      .where(sql`${t.split} = 'validation'`),
    check('covered_variances_split', oneOf(t.split, SPLITS)),
    check('covered_variances_finite', sql`${finite(t.coveredVariance)}`),
    check('covered_variances_structure_finite', sql`${finite(t.structureCoveredVariance)}`),
  ],
);

export type ScoreRow = Readonly<typeof coveredVariances.$inferSelect>;

/** Squared errors of the test rows of a trial at a width or rank; absent where not finite. */
export const testErrors = pgTable(
  'test_errors',
  {
    trialId: trialId(),
    k: integer('k').notNull(),
    /** float64 scale, then float16 per row of the test split: models/evaluation/test-errors.ts. */
    errors: bytea('errors').notNull(),
    /** The same of the expanded structures, where latents do not yield them; else null. */
    structureErrors: bytea('structure_errors'),
  },
  (t) => [
    primaryKey({ columns: [t.trialId, t.k] }),
    check('test_errors_size', isPackedErrors(t.errors)),
    check('test_errors_structure_size', isPackedErrors(t.structureErrors)),
  ],
);

/**
 * The test rows of a sweep's partitions, little-endian, in the order of their numbers: sums of
 * squares that errors are compared with, and units and strata for resampling.
 */
export const testRows = pgTable(
  'test_rows',
  {
    sweepId: sweepId(),
    partition: integer('partition').notNull().default(0),
    /** float64 each: about the mean of targets and structures, and of structures about 0. */
    spreads: bytea('spreads').notNull(),
    structureSpreads: bytea('structure_spreads').notNull(),
    structureSquares: bytea('structure_squares').notNull(),
    /** int32; no strata where the split is not stratified. */
    units: bytea('units').notNull(),
    strata: bytea('strata'),
  },
  (t) => [primaryKey({ columns: [t.sweepId, t.partition] })],
);

/** Trials at the rungs that they reached, for halving. */
export const rungScores = pgTable(
  'rung_scores',
  {
    trialId: trialId(),
    rung: integer('rung').notNull(),
    /** Best validation score so far; -Infinity: none. */
    validation: doublePrecision('validation').notNull(),
    /**
     * Trials of the sweep that were promoted past the rung before it, where rungs overlap; null: it
     * was not, or all were promoted together and follow one another by their numbers.
     */
    promotion: integer('promotion'),
  },
  (t) => [primaryKey({ columns: [t.trialId, t.rung] }), check('rung_scores_validation', sql`${t.validation} < 'Infinity'`)],
);

/** Little-endian float32 blocks [rows, k], row-major, of consecutive rows of a split. */
export const latents = pgTable(
  'latents',
  {
    trialId: trialId(),
    split: text('split', { enum: SPLITS }).notNull(),
    block: integer('block').notNull(),
    /** Index of the block's first row among the rows of the split. */
    firstRow: integer('first_row').notNull(),
    rows: integer('rows').notNull(),
    k: integer('k').notNull(),
    dtype: text('dtype', { enum: ['float32le'] }).notNull(),
    sha256: text('sha256').notNull(),
    bytes: bytea('bytes').notNull(),
    /** Every `sample_step`-th row of the block from the first, row-major, for plots. */
    sampleStep: integer('sample_step').notNull(),
    sample: real('sample').array().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.trialId, t.split, t.block] }),
    check('latents_split', oneOf(t.split, SPLITS)),
    check('latents_dtype', oneOf(t.dtype, ['float32le'])),
    check('latents_sha256', isSha256(t.sha256)),
    check('latents_size', sql`octet_length(${t.bytes}) = 4 * ${t.rows} * ${t.k}`),
  ],
);

/** Components of ECA and NNCA: rows of V over the varying descriptors, in the dataset's order. */
export const components = pgTable(
  'components',
  {
    trialId: trialId(),
    /** From 1, in the order of the fit (ECA) or by descending influence on the spectrum (NNCA). */
    component: integer('component').notNull(),
    /** Change of the latent per standard deviation of each descriptor; orthonormal rows. */
    coefficients: real('coefficients').array().notNull(),
  },
  (t) => [primaryKey({ columns: [t.trialId, t.component] }), check('components_component', sql`${t.component} >= 1`)],
);

/** Covered variance per epoch; NaN where it could not be computed. */
export const learningCurves = pgTable('learning_curves', {
  trialId: trialId().primaryKey(),
  train: real('train').array().notNull(),
  validation: real('validation').array().notNull(),
  /** Epoch (0-based) whose weights were kept. */
  best: integer('best').notNull(),
});

/** Deleted when the trial has a result. A trial in its first rung has no row in `trials` yet. */
export const checkpoints = pgTable(
  'checkpoints',
  {
    trialId: text('trial_id').primaryKey(),
    sweepId: sweepId(),
    epoch: integer('epoch').notNull(),
    sha256: text('sha256').notNull(),
    bytes: bytea('bytes').notNull(),
    savedAt: moment('saved_at').notNull().defaultNow(),
  },
  (t) => [index('checkpoints_sweep').on(t.sweepId), check('checkpoints_sha256', isSha256(t.sha256))],
);

/** Models of the best trials, with their standardisation: docs/decisions/0004-kept-weights.md. */
export const models = pgTable(
  'models',
  {
    trialId: trialId().primaryKey(),
    sweepId: sweepId(),
    sha256: text('sha256').notNull(),
    bytes: bytea('bytes').notNull(),
  },
  (t) => [index('models_sweep').on(t.sweepId), check('models_sha256', isSha256(t.sha256))],
);

// ---- references of trials

/** Ridge, PCA regression, PLS2 and the full emulator, on each partition of the sweep. */
export const baselines = pgTable(
  'baselines',
  {
    sweepId: sweepId(),
    name: text('name').notNull(),
    /** Number of components; 0 = the baseline has none. */
    k: integer('k').notNull(),
    /** 0 where nothing is random. */
    seed: bigint('seed', { mode: 'number' }).notNull(),
    /** Configuration of the emulator's ECA trial; empty for other baselines. */
    configurationHash: text('configuration_hash').notNull(),
    split: text('split', { enum: SPLITS }).notNull(),
    coveredVariance: doublePrecision('covered_variance'),
    partition: integer('partition').notNull().default(0),
  },
  (t) => [
    primaryKey({
      columns: [t.sweepId, t.name, t.k, t.seed, t.configurationHash, t.split, t.partition],
      name: 'baselines_pk',
    }),
    check('baselines_split', oneOf(t.split, SPLITS)),
    check('baselines_k', sql`${t.k} >= 0`),
    check('baselines_finite', finite(t.coveredVariance)),
  ],
);

/** Squared errors of the test rows of baselines, as in `test_errors`. */
export const baselineErrors = pgTable(
  'baseline_errors',
  {
    sweepId: sweepId(),
    name: text('name').notNull(),
    k: integer('k').notNull(),
    seed: bigint('seed', { mode: 'number' }).notNull(),
    configurationHash: text('configuration_hash').notNull(),
    errors: bytea('errors').notNull(),
    partition: integer('partition').notNull().default(0),
  },
  (t) => [
    primaryKey({
      columns: [t.sweepId, t.name, t.k, t.seed, t.configurationHash, t.partition],
      name: 'baseline_errors_pk',
    }),
    check('baseline_errors_size', isPackedErrors(t.errors)),
  ],
);

/** Final comparison of the sweep. */
export const comparisons = pgTable('comparisons', {
  sweepId: sweepId().primaryKey(),
  result: jsonb('result').notNull(),
  comparedAt: moment('compared_at').notNull().defaultNow(),
});

/** Interpretation of the sweep (models/interpretation) as JSON. */
export const interpretations = pgTable('interpretations', {
  sweepId: sweepId().primaryKey(),
  result: jsonb('result').notNull(),
  codeVersion: text('code_version').notNull(),
  interpretedAt: moment('interpreted_at').notNull().defaultNow(),
});

/** Float32 grids of a scalar over three descriptors; NaN outside the data's convex hull. */
export const fields = pgTable(
  'fields',
  {
    sweepId: text('sweep_id')
      .notNull()
      .references(() => interpretations.sweepId, { onDelete: 'cascade' }),
    /** 'sensitivity', or the method whose only latent it shows. */
    name: text('name').notNull(),
    /** Three of { name, unit, from, to, points }; the last one runs fastest. */
    axes: jsonb('axes').notNull(),
    dtype: text('dtype', { enum: ['float32le'] }).notNull(),
    sha256: text('sha256').notNull(),
    bytes: bytea('bytes').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.sweepId, t.name] }),
    check('fields_dtype', oneOf(t.dtype, ['float32le'])),
    check('fields_sha256', isSha256(t.sha256)),
  ],
);

// ---- retraining

/** Retrainings: specification and data sources. Temporal holds the schedule. */
export const retrainings = pgTable('retrainings', {
  name: text('name').primaryKey(),
  spec: jsonb('spec').$type<SweepSpec>().notNull(),
  dataset: text('dataset').notNull(),
  target: text('target').notNull(),
  options: jsonb('options').$type<RetrainOptions>().notNull(),
  createdAt: moment('created_at').notNull().defaultNow(),
  removedAt: moment('removed_at'),
  identity: identity(),
});

/** URLs of sources, whose queries may hold tokens: only workers read them. */
export const sourceUrls = pgTable('source_urls', {
  name: text('name')
    .primaryKey()
    .references(() => retrainings.name),
  url: text('url').notNull(),
});

const retrainingName = () =>
  text('name')
    .notNull()
    .references(() => retrainings.name);

/** One run of the schedule. */
export const retrainRuns = pgTable(
  'retrain_runs',
  {
    /** Id of the workflow and its run. */
    id: text('id').primaryKey(),
    name: retrainingName(),
    outcome: text('outcome', { enum: RETRAIN_OUTCOMES }).notNull().default('running'),
    /** Versions of the champions and of the newest data. */
    fromVersion: text('from_version'),
    toVersion: text('to_version'),
    /** Sweeps that it trained: one for each architecture of the champions. */
    sweepIds: text('sweep_ids').array().$type<readonly string[]>(),
    drift: jsonb('drift').$type<DriftRecord>(),
    challenges: jsonb('challenges').$type<readonly ChallengeRecord[]>(),
    message: text('message'),
    startedAt: moment('started_at').notNull().defaultNow(),
    finishedAt: moment('finished_at'),
  },
  (t) => [
    index('retrain_runs_name').on(t.name, t.startedAt.desc()),
    check('retrain_runs_outcome', oneOf(t.outcome, RETRAIN_OUTCOMES)),
    check('retrain_runs_finished', sql`(${t.outcome} = 'running') = (${t.finishedAt} is null)`),
  ],
);

/** Models in use by method and width, and their predecessors. */
export const champions = pgTable(
  'champions',
  {
    id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    name: retrainingName(),
    dataset: text('dataset').notNull(),
    target: text('target').notNull(),
    method: text('method', { enum: METHODS }).notNull(),
    /** Width; for ECA the rank. */
    k: integer('k').notNull(),
    trialId: text('trial_id')
      .notNull()
      .references(() => trials.id),
    sweepId: text('sweep_id')
      .notNull()
      .references(() => sweeps.id),
    datasetVersion: text('dataset_version').notNull(),
    runId: text('run_id').references(() => retrainRuns.id),
    origin: text('origin', { enum: CHAMPION_ORIGINS }).notNull(),
    /** Champion that a roll-back restores. */
    previous: bigint('previous', { mode: 'number' }).references((): AnyPgColumn => champions.id),
    since: moment('since').notNull().defaultNow(),
    /** Null = in use. */
    until: moment('until'),
    endedBy: text('ended_by', { enum: CHAMPION_ENDS }),
  },
  (t) => [
    uniqueIndex('champions_current').on(t.name, t.method, t.k).where(sql`${t.until} is null`),
    uniqueIndex('champions_of_run').on(t.runId, t.method, t.k).where(sql`${t.runId} is not null`),
    check('champions_method', oneOf(t.method, METHODS)),
    check('champions_origin', oneOf(t.origin, CHAMPION_ORIGINS)),
    check('champions_ended', sql`(${t.until} is null) = (${t.endedBy} is null)`),
    check('champions_ended_by', oneOf(t.endedBy, CHAMPION_ENDS)),
  ],
);

/** Processed shards of a retraining's sources, so that none is imported or reported twice. */
export const shards = pgTable(
  'shards',
  {
    name: retrainingName(),
    /** SHA-256 over its files. */
    content: text('content').notNull(),
    /** Folder, or URL as it is shown. */
    folder: text('folder').notNull(),
    /** Hash of sizes and times, or an ETag: the content is read again only when it changes. */
    fingerprint: text('fingerprint').notNull(),
    outcome: text('outcome', { enum: SHARD_OUTCOMES }).notNull(),
    version: text('version'),
    message: text('message'),
    seenAt: moment('seen_at').notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.name, t.folder, t.content] }),
    check('shards_content', isSha256(t.content)),
    check('shards_outcome', oneOf(t.outcome, SHARD_OUTCOMES)),
  ],
);

/** Events that are sent as notifications, written in the transaction of what happened. */
export const events = pgTable(
  'events',
  {
    id: uuid('id').primaryKey().defaultRandom(),
    at: moment('at').notNull().defaultNow(),
    kind: text('kind', { enum: EVENT_KINDS }).notNull(),
    name: retrainingName(),
    /** Run or roll-back that it belongs to. */
    runId: text('run_id').notNull(),
    /** Subject within the run; empty where the kind suffices. */
    subject: text('subject').notNull().default(''),
    /** Text of the message. */
    text: text('text').notNull(),
    payload: jsonb('payload').$type<Readonly<Record<string, unknown>>>().notNull(),
  },
  (t) => [unique('events_once').on(t.runId, t.kind, t.subject), index('events_name').on(t.name, t.at.desc())],
);

/** Delivery of an event over a channel, at most one per channel. */
export const messages = pgTable(
  'messages',
  {
    eventId: uuid('event_id')
      .notNull()
      .references(() => events.id, { onDelete: 'cascade' }),
    channel: text('channel', { enum: CHANNELS }).notNull(),
    state: text('state', { enum: MESSAGE_STATES }).notNull().default('pending'),
    attempts: integer('attempts').notNull().default(0),
    lastError: text('last_error'),
    deliveredAt: moment('delivered_at'),
  },
  (t) => [
    primaryKey({ columns: [t.eventId, t.channel] }),
    check('messages_channel', oneOf(t.channel, CHANNELS)),
    check('messages_state', oneOf(t.state, MESSAGE_STATES)),
  ],
);

// ---- HTTP API

/** Tokens of the HTTP API, of which only hashes are stored. */
export const apiTokens = pgTable(
  'api_tokens',
  {
    id: text('id').primaryKey(),
    name: text('name').notNull().unique(),
    role: text('role', { enum: ROLES }).notNull(),
    sha256: text('sha256').notNull().unique(),
    createdAt: moment('created_at').notNull().defaultNow(),
    /** Null where it never expires. */
    expiresAt: moment('expires_at'),
    /** Accurate to a minute. */
    lastUsedAt: moment('last_used_at'),
  },
  (t) => [check('api_tokens_role', oneOf(t.role, ROLES)), check('api_tokens_sha256', isSha256(t.sha256))],
);

/** Sessions of browsers that signed in with a token; of their ids only hashes are stored. */
export const apiSessions = pgTable(
  'api_sessions',
  {
    sha256: text('sha256').primaryKey(),
    /** Revoking the token ends its sessions. */
    tokenId: text('token_id')
      .notNull()
      .references(() => apiTokens.id, { onDelete: 'cascade' }),
    createdAt: moment('created_at').notNull().defaultNow(),
    expiresAt: moment('expires_at').notNull(),
  },
  (t) => [index('api_sessions_token').on(t.tokenId), check('api_sessions_sha256', isSha256(t.sha256))],
);

/** Mutations with an idempotency key, each of which runs once. Kept for a day. */
export const apiRequests = pgTable(
  'api_requests',
  {
    /** Caller, to whom keys are scoped. */
    principal: text('principal').notNull(),
    key: text('key').notNull(),
    route: text('route').notNull(),
    bodySha256: text('body_sha256').notNull(),
    /** Null until the request is done. */
    status: integer('status'),
    answer: jsonb('answer'),
    createdAt: moment('created_at').notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.principal, t.key] }),
    index('api_requests_created').on(t.createdAt),
    check('api_requests_body', isSha256(t.bodySha256)),
    check('api_requests_done', sql`(${t.status} is null) = (${t.answer} is null)`),
  ],
);

/** Principal that started a sweep over HTTP, and may cancel it. */
export const sweepStarters = pgTable('sweep_starters', {
  sweepId: sweepId().primaryKey(),
  principal: text('principal').notNull(),
});
