/** Results of trials: scores, latents, learning curves and provenance. */
import { NarrowsError } from '../../../errors.ts';
import type { TrialConfiguration } from '../../../models/training/configuration.ts';
import type { LearningCurve } from '../../../models/training/report.ts';
import { sha256Of } from '../../../platform.ts';
import type { Condition } from '../../../search/columns/where.ts';
import type { Queryable, Sql } from '../../client.ts';
import type { ScoreRow, TrialRow } from '../../schema.ts';
import { trialUnknown } from '../not-found.ts';
import type { SweepRow } from '../sweeps/sweeps.ts';
import { TRIAL_EXPRESSIONS, whereSql } from './where.ts';

/** `k` is the width, for ECA the rank; a score is null where there is none, or no finite one. */
export interface ResultRow
  extends Pick<TrialRow, 'sweepId' | 'method' | 'k' | 'seed' | 'partition' | 'outcome' | 'engine' | 'seconds'>,
    Pick<ScoreRow, 'trialId' | 'split' | 'coveredVariance' | 'structureCoveredVariance'> {
  readonly config: TrialConfiguration;
}

/** A result's k is that of its score: for ECA the rank. */
const RESULT_COLUMNS = { ...TRIAL_EXPRESSIONS, k: 'coalesce(v.k, t.k)' };

/**
 * Streams one row per trial, width or rank, and split (all splits where `split` is null), ordered
 * by trial, split and width. A trial without scores has one row per split, with null scores.
 */
export function streamResults(
  sql: Sql,
  sweepId: string,
  options: { readonly split: string | null; readonly where: readonly Condition[] },
): AsyncIterable<ResultRow[]> {
  const { split, where } = options;
  const splits = split === null ? ['train', 'validation', 'test'] : [split];
  return sql<ResultRow[]>`
    select t.id as "trialId", t.sweep_id as "sweepId", t.method, coalesce(v.k, t.k) as k, t.seed::float8 as seed, t.partition,
           t.configuration as config,
           t.outcome, s.split, v.covered_variance as "coveredVariance", v.structure_covered_variance as "structureCoveredVariance",
           t.engine, t.seconds
    from trials t cross join unnest(${splits}::text[]) with ordinality as s (split, place)
    left join covered_variances v on v.trial_id = t.id and v.split = s.split
    where t.sweep_id = ${sweepId} ${whereSql(sql, where, RESULT_COLUMNS)}
    order by t.index, s.place, v.k`.cursor(1000);
}

/** Latents of a trial on one split, [rows, k], row-major, in the order of the split's rows. */
export interface Latents {
  readonly rows: number;
  readonly k: number;
  readonly data: Float32Array;
}

export const latentsCorruptError = (trialId: string): NarrowsError =>
  new NarrowsError('latents-corrupt', `the stored latents of trial "${trialId}" are corrupt: their hash differs`, {
    path: 'trial',
    kind: 'failure',
  });

/** Reads a trial's latents on one split; null without any. Throws `latents-corrupt`. */
export async function loadLatents(sql: Queryable, trialId: string, split: string): Promise<Latents | null> {
  const blocks = await sql<{ firstRow: number; rows: number; k: number; sha256: string; bytes: Uint8Array }[]>`
    select first_row as "firstRow", rows, k, sha256, bytes from latents where trial_id = ${trialId} and split = ${split} order by block`;
  const k = blocks[0]?.k;
  if (k === undefined) return null;
  const rows = blocks.reduce((sum, block) => sum + block.rows, 0);
  const data = new Float32Array(rows * k);
  const bytes = new Uint8Array(data.buffer);
  let at = 0;
  for (const block of blocks) {
    if (block.firstRow !== at || sha256Of(block.bytes) !== block.sha256) throw latentsCorruptError(trialId);
    bytes.set(block.bytes, 4 * at * k);
    at += block.rows;
  }
  return { rows, k, data };
}

/** Reads the learning curve of a trial; null where it failed. */
export async function loadLearningCurve(sql: Queryable, trialId: string): Promise<LearningCurve | null> {
  const [curve] = await sql<LearningCurve[]>`select train, validation, best from learning_curves where trial_id = ${trialId}`;
  return curve ?? null;
}

type TrialOrigin = Pick<TrialRow, 'configuration' | 'datasetVersion'> & Pick<SweepRow, 'dataset' | 'target'>;

/** Finds the configuration and data of a trial. Throws NarrowsError `trial-unknown`. */
export async function findTrialOrigin(sql: Queryable, trialId: string): Promise<TrialOrigin> {
  const [origin] = await sql<TrialOrigin[]>`
    select t.configuration, s.dataset, t.dataset_version as "datasetVersion", s.target
    from trials t join sweeps s on s.id = t.sweep_id where t.id = ${trialId}`;
  if (origin) return origin;
  throw trialUnknown(trialId);
}
