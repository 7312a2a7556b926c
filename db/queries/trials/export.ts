/** Streams the rows of a sweep in blocks, for exports with little memory. */
import type { LatentBlock, LearningCurve } from '../../../models/training/report.ts';
import { sha256Of } from '../../../platform.ts';
import type { Queryable, Sql } from '../../client.ts';
import type { ScoreRow, TrialRow } from '../../schema.ts';
import { trialUnknown } from '../not-found.ts';
import type { ScoredTrial } from '../sweeps/test-errors.ts';
import type { BaselineRow } from './report-details.ts';
import { latentsCorruptError } from './results.ts';

export type { StoredField } from '../sweeps/interpretation.ts';

/** Runs queries on a snapshot of the database, while the sweep may continue. */
export function withSnapshot<T>(sql: Sql, work: (snapshot: Queryable) => Promise<T>): Promise<T> {
  return sql.begin('isolation level repeatable read read only', work) as Promise<T>;
}

/** Checks that a trial belongs to the sweep. Throws NarrowsError `trial-unknown`. */
export async function requireTrialOfSweep(sql: Queryable, sweepId: string, trialId: string): Promise<void> {
  const rows = await sql`select from trials where sweep_id = ${sweepId} and id = ${trialId}`;
  if (rows.length > 0) return;
  throw trialUnknown(trialId, 'the sweep has');
}

export interface TrialRecord
  extends Pick<
    TrialRow,
    | 'index'
    | 'method'
    | 'k'
    | 'seed'
    | 'partition'
    | 'configuration'
    | 'configurationHash'
    | 'outcome'
    | 'validation'
    | 'failureCode'
    | 'message'
    | 'epochs'
    | 'seconds'
    | 'engine'
    | 'engineBuild'
    | 'codeVersion'
    | 'datasetVersion'
    | 'host'
  > {
  readonly trial: string;
  readonly weightsKept: boolean;
  /** ISO 8601 in UTC, with microseconds. */
  readonly startedAt: string;
  readonly finishedAt: string;
}

const moment = (sql: Queryable, column: string) =>
  sql`to_char(${sql(column)} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

/** Returns the condition that selects one trial; empty for all trials. */
const ofTrial = (sql: Queryable, trialId: string | null) => (trialId === null ? sql`` : sql`and t.id = ${trialId}`);

export const streamTrials = (sql: Queryable, sweepId: string, trialId: string | null) =>
  sql<TrialRecord[]>`
    select t.id as trial, t.index, t.method, t.k, t.seed::float8 as seed, t.partition, t.configuration,
           t.configuration_hash as "configurationHash",
           t.outcome, t.validation, t.failure_code as "failureCode", t.message, t.epochs, t.seconds,
           exists (select from models m where m.trial_id = t.id) as "weightsKept", t.engine, t.engine_build as "engineBuild",
           t.code_version as "codeVersion", t.dataset_version as "datasetVersion", t.host,
           ${moment(sql, 't.started_at')} as "startedAt", ${moment(sql, 't.finished_at')} as "finishedAt"
    from trials t where t.sweep_id = ${sweepId} ${ofTrial(sql, trialId)} order by t.index`.cursor(1000);

export interface ScoreRecord extends Omit<ScoreRow, 'trialId' | 'sweepId'> {
  readonly trial: string;
}

export const streamScores = (sql: Queryable, sweepId: string, trialId: string | null) =>
  sql<ScoreRecord[]>`
    select v.trial_id as trial, v.method, v.partition, v.split, v.k, v.covered_variance as "coveredVariance",
           v.structure_covered_variance as "structureCoveredVariance"
    from covered_variances v join trials t on t.id = v.trial_id
    where t.sweep_id = ${sweepId} ${ofTrial(sql, trialId)}
    order by t.index, array_position(array['train', 'validation', 'test'], v.split), v.k`.cursor(5000);

/** Scores of a trial on test rows, at a width or rank. */
export interface TestScore extends ScoredTrial {
  readonly method: string;
  readonly seed: number;
}

/** Lists the finite test scores of all trials, or of one. */
export const listTestScores = (sql: Queryable, sweepId: string, trialId: string | null) =>
  sql<TestScore[]>`
    select t.id as "trialId", t.sweep_id as "sweepId", t.method, v.k, t.seed::float8 as seed, t.partition,
           v.covered_variance as test, v.structure_covered_variance as "structureTest"
    from trials t join covered_variances v on v.trial_id = t.id and v.split = 'test' and v.covered_variance is not null
    where t.sweep_id = ${sweepId} ${ofTrial(sql, trialId)} order by t.index, v.k`;

export interface BaselineRecord extends Omit<BaselineRow, 'coveredVariance' | 'errors'> {
  readonly coveredVariance: number | null;
}

export const streamBaselines = (sql: Queryable, sweepId: string) =>
  sql<BaselineRecord[]>`
    select name, nullif(k, 0) as k, case when configuration_hash <> '' then seed::float8 end as seed,
           nullif(configuration_hash, '') as "configurationHash", partition, split, covered_variance as "coveredVariance"
    from baselines where sweep_id = ${sweepId}
    order by partition, name, baselines.k, baselines.seed, configuration_hash, array_position(array['train', 'validation', 'test'], split)`.cursor(
    5000,
  );

export interface CurveRecord extends LearningCurve {
  readonly trial: string;
}

export const streamCurves = (sql: Queryable, sweepId: string, trialId: string | null) =>
  sql<CurveRecord[]>`
    select c.trial_id as trial, c.train, c.validation, c.best from learning_curves c join trials t on t.id = c.trial_id
    where t.sweep_id = ${sweepId} ${ofTrial(sql, trialId)} order by t.index`.cursor(100);

export interface ComponentRecord {
  readonly trial: string;
  readonly partition: number;
  readonly component: number;
  readonly coefficients: readonly number[];
}

export const streamComponents = (sql: Queryable, sweepId: string, trialId: string | null) =>
  sql<ComponentRecord[]>`
    select c.trial_id as trial, t.partition, c.component, c.coefficients from components c join trials t on t.id = c.trial_id
    where t.sweep_id = ${sweepId} ${ofTrial(sql, trialId)} order by t.index, c.component`.cursor(500);

/** Selects the trials whose latents are exported. */
export interface LatentChoice {
  readonly trialId: string | null;
  /** Includes trials whose weights were dropped. A trial selected by id is always included. */
  readonly all: boolean;
}

const latentTrials = (sql: Queryable, sweepId: string, { trialId, all }: LatentChoice) => sql`
  trials t on t.id = l.trial_id and t.sweep_id = ${sweepId} ${ofTrial(sql, trialId)}
  ${all || trialId !== null ? sql`` : sql`and exists (select from models m where m.trial_id = t.id)`}`;

/** Returns the largest number of latents of these trials; 0 without any. */
export async function findLatentWidth(sql: Queryable, sweepId: string, choice: LatentChoice): Promise<number> {
  const [row] = await sql<{ width: number }[]>`
    select coalesce(max(l.k), 0) as width from latents l join ${latentTrials(sql, sweepId, choice)}`;
  return row?.width ?? 0;
}

/** Counts those of these trials that completed and have no latents. */
export async function countWithoutLatents(sql: Queryable, sweepId: string, { trialId, all }: LatentChoice): Promise<number> {
  const [row] = await sql<{ count: number }[]>`
    select count(*)::int as count from trials t
    where t.sweep_id = ${sweepId} and t.outcome = 'completed' ${ofTrial(sql, trialId)}
      ${all || trialId !== null ? sql`` : sql`and exists (select from models m where m.trial_id = t.id)`}
      and not exists (select from latents l where l.trial_id = t.id)`;
  return row?.count ?? 0;
}

interface LatentBlockRecord extends LatentBlock {
  readonly trial: string;
  readonly partition: number;
  /** Index of the first row among the rows of the split. */
  readonly firstRow: number;
}

/** Streams blocks of latents by trial, split and row. Throws NarrowsError `latents-corrupt`. */
export async function* streamLatentBlocks(
  sql: Queryable,
  sweepId: string,
  choice: LatentChoice,
): AsyncIterable<LatentBlockRecord[]> {
  const blocks = sql<(Omit<LatentBlockRecord, 'data'> & { sha256: string; bytes: Uint8Array })[]>`
    select l.trial_id as trial, t.partition, l.split, l.first_row as "firstRow", l.rows, l.k, l.sha256, l.bytes
    from latents l join ${latentTrials(sql, sweepId, choice)}
    order by t.index, array_position(array['train', 'validation', 'test'], l.split), l.block`.cursor(16);
  for await (const some of blocks) {
    yield some.map(({ sha256, bytes, ...block }) => {
      if (sha256Of(bytes) !== sha256) throw latentsCorruptError(block.trial);
      // Copies the bytes, because the driver's may not be aligned.
      return { ...block, data: new Float32Array(new Uint8Array(bytes).buffer) };
    });
  }
}

export async function hasTrials(sql: Queryable, sweepId: string): Promise<boolean> {
  const rows = await sql`select from trials where sweep_id = ${sweepId} limit 1`;
  return rows.length > 0;
}
