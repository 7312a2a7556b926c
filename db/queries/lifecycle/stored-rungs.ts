/** Rows about the rungs of a sweep, for the verification of its decisions. */
import type { Queryable } from '../../client.ts';
import { MOST_FAULTS, type StoredFault } from './stored-faults.ts';

/** Lists the places of trials that were promoted past a rung while others had yet to reach it. */
export const listPlaces = (sql: Queryable, sweepId: string, rung: number) =>
  sql<{ index: number; place: number }[]>`
    select t.index, s.promotion as place from rung_scores s join trials t on t.id = s.trial_id
    where t.sweep_id = ${sweepId} and s.rung = ${rung} and s.promotion is not null`;

/** Ids of writes from before the writes of a sweep were recorded are below. */
const FIRST_RECORDED = 2 ** 32;

/**
 * Whether trials may have reached a rung after its trials were decided about: the sweep was asked
 * to train again, a trial ended more than once, or it is not known how often trials ended.
 */
export async function mayHaveLateTrials(sql: Queryable, sweepId: string): Promise<boolean> {
  const [row] = await sql<[{ found: boolean }]>`
    select s.retried_at is not null or w.oldest < ${FIRST_RECORDED} or w.ended is distinct from t.ended as found
    from sweeps s,
         (select min(write_id) as oldest, coalesce(sum(ended), 0) as ended from writes where sweep_id = ${sweepId}) w,
         (select count(*) filter (where outcome <> 'rung') as ended from trials where sweep_id = ${sweepId}) t
    where s.id = ${sweepId}`;
  return row?.found ?? false;
}

/** Share by which a score may differ from its curve, which is stored in single precision. */
const SINGLE_PRECISION = 6e-8;

/** Lowest number of single precision: curves have -Infinity for those below. */
const LOWEST_SINGLE = -3.4e38;

/**
 * Finds trials whose rungs contradict each other: trained past their promotion, promoted or waiting
 * without a score, or with one that is not the best of their learning curve up to the epoch at
 * which the rung ended; and promoted ones whose places do not follow one another.
 */
export async function findRungFaults(sql: Queryable, sweepId: string, ends: readonly number[]): Promise<StoredFault[]> {
  const rows = await sql<StoredFault[]>`
    select t.id as "trialId", case
        when t.rung > t.promoted_into then 'it was trained on rung ' || t.rung + 1 || ', into which it was not promoted'
        when t.outcome in ('rung', 'pruned') and t.promoted_into > t.rung + (t.outcome = 'rung')::int
          then 'it ended at rung ' || t.rung + 1 || ', past which it was promoted'
        else 'its score of a rung that it passed is missing' end as problem
    from trials t
    left join lateral (
      select count(*) filter (where s.rung < t.promoted_into) as passed, bool_or(s.rung = t.rung) as own from rung_scores s where s.trial_id = t.id
    ) s on true
    where t.sweep_id = ${sweepId} and (
      t.rung > t.promoted_into or s.passed < t.promoted_into
      or (t.outcome in ('rung', 'pruned') and (t.promoted_into > t.rung + (t.outcome = 'rung')::int or s.own is not true))
    ) order by t.index limit ${MOST_FAULTS}`;
  const scores = await sql<StoredFault[]>`
    select t.id as "trialId", 'its score at rung ' || s.rung + 1 || ' is ' || s.validation || ', and its learning curve has '
        || coalesce(c.best::text, 'none') as problem
    from rung_scores s join trials t on t.id = s.trial_id
    left join lateral (
      select max(x) filter (where x > '-Infinity' and x <> 'NaN') as best
      from learning_curves d, unnest(d.validation[1:(${[...ends]}::int[])[s.rung + 1]]) as x where d.trial_id = t.id
    ) c on true
    where t.sweep_id = ${sweepId} and case when c.best is null then s.validation >= ${LOWEST_SINGLE}
      else not (abs(c.best::float8 - s.validation) <= ${SINGLE_PRECISION} * greatest(abs(s.validation), 1e-30)) end
    order by t.index, s.rung limit ${MOST_FAULTS}`;
  const places = await sql<StoredFault[]>`
    select d.trial_id as "trialId", 'its place on rung ' || d.rung + 2 || ' does not follow those of the trials before it' as problem
    from (
      select s.trial_id, t.index, s.rung, s.promotion, t.promoted_into,
             row_number() over (partition by s.rung order by s.promotion, t.index) - 1 as place
      from rung_scores s join trials t on t.id = s.trial_id where t.sweep_id = ${sweepId} and s.promotion is not null
    ) d
    where d.promotion <> d.place or d.promoted_into <= d.rung order by d.rung, d.index limit ${MOST_FAULTS}`;
  return [...rows, ...scores, ...places].slice(0, MOST_FAULTS);
}
