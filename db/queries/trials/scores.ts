/** Validation scores of a sweep's trials as columns, for those who follow a running sweep. */
import { METHOD_DEFINITIONS, METHODS } from '../../../models/methods/catalogue.ts';
import type { Queryable } from '../../client.ts';
import { float8, int4 } from './binary.ts';
import { forEachRow, writtenAfter } from './written-rows.ts';

/** Scores of the trials that were written after a revision. */
export interface ScoreColumns {
  /** Highest among these trials; 0 without any. All trials up to it were read, now or before. */
  readonly revision: number;
  /** Numbers of all these trials: one that is not among the scores has none. */
  readonly written: Int32Array;
  /** One entry per completed trial and width or rank with a score. */
  readonly scores: {
    readonly index: Int32Array;
    readonly k: Int32Array;
    readonly validation: Float64Array;
    /** NaN where the method has no expansion. */
    readonly structure: Float64Array;
  };
  /** One entry per completed trial whose network is a full emulator with a score. */
  readonly emulators: { readonly index: Int32Array; readonly validation: Float64Array };
}

const EMULATING = METHODS.filter((method) => METHOD_DEFINITIONS[method].trainsEmulator);

/** `since` -1: the scores of every trial. One statement, hence one state of the sweep. */
export async function scoresSince(sql: Queryable, sweepId: string, since: number): Promise<ScoreColumns> {
  type Sent = { readonly revision: number } & Readonly<Record<string, Buffer | null>>;
  const [sent] = await sql<[Sent]>`
    with written as materialized (
      select id, index, method, seed, partition, configuration_hash, outcome, revision from (${writtenAfter(sql, sweepId, since)}
      ) as t
    ), trial as (
      select coalesce(max(revision), 0)::float8 as revision, string_agg(int4send(index), null) as written from written
    ), score as (
      select string_agg(int4send(t.index), null) as index, string_agg(int4send(v.k), null) as k,
             string_agg(float8send(v.covered_variance), null) as validation,
             string_agg(float8send(coalesce(v.structure_covered_variance, 'NaN')), null) as structure
      from written t cross join lateral (
        select k, covered_variance, structure_covered_variance from covered_variances
        where trial_id = t.id and split = 'validation' and covered_variance is not null ${forEachRow(sql, since)}
      ) as v
      where t.outcome = 'completed'
    ), emulator as (
      select string_agg(int4send(t.index), null) as "emulatorIndex", string_agg(float8send(e.covered_variance), null) as "emulatorValidation"
      from written t cross join lateral (
        select covered_variance from baselines
        where sweep_id = ${sweepId} and name = 'emulator' and k = 0 and seed = t.seed and configuration_hash = t.configuration_hash
          and split = 'validation' and partition = t.partition and covered_variance is not null ${forEachRow(sql, since)}
      ) as e
      where t.outcome = 'completed' and t.method = any(${EMULATING}::text[])
    )
    select * from trial, score, emulator`;
  const numbers = (name: string) => int4(sent[name] ?? null);
  const values = (name: string) => float8(sent[name] ?? null);
  return {
    revision: sent.revision,
    written: numbers('written'),
    scores: { index: numbers('index'), k: numbers('k'), validation: values('validation'), structure: values('structure') },
    emulators: { index: numbers('emulatorIndex'), validation: values('emulatorValidation') },
  };
}
