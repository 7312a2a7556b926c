/** Trials of a running sweep: states, rungs and reports. */
import { NarrowsError } from '../../../errors.ts';
import type { Method } from '../../../models/methods/catalogue.ts';
import type { TrialReport } from '../../../models/training/report.ts';
import type { ByMethod, LatentPolicy } from '../../../search/spec.ts';
import type { Ending } from '../../../search/states.ts';
import type { Entrant } from '../../../search/stopping/asynchronous.ts';
import type { Decision, RungCurve, RungScore } from '../../../search/stopping/rung.ts';
import type { Queryable, Sql } from '../../client.ts';
import { recordset } from '../../recordset.ts';
import type { TrialRow } from '../../schema.ts';
import { reviseSweep } from '../sweeps/revision.ts';
import { finiteOrNull, type TrialEntry, writeDetails } from './report-details.ts';

/** Provenance of results. */
export type Provenance = Pick<TrialRow, 'datasetVersion' | 'engine' | 'engineBuild' | 'codeVersion' | 'host'>;

/** A trial that a transaction ended. */
export interface EndedTrial extends Pick<TrialRow, 'method' | 'engine'> {
  readonly outcome: Ending;
}

/** A trial's row, which exists once the trial reached a rung or ended. */
export type TrialState = Pick<TrialRow, 'index' | 'outcome' | 'rung'>;

/** Returns the states of those trials that have a row, in any order. */
export async function findTrialStates(sql: Queryable, sweepId: string, indices: readonly number[]): Promise<TrialState[]> {
  if (indices.length === 0) return [];
  return sql<TrialState[]>`
    select index, outcome, rung from trials where sweep_id = ${sweepId} and index = any(${[...indices]}::int[])`;
}

/** Part of the trials that were promoted into a rung, in the order of listSurvivors. */
export interface SurvivorPart {
  readonly offset: number;
  readonly limit: number;
  /** Absent: all. */
  readonly methods?: readonly Method[] | undefined;
}

const ofMethods = (sql: Queryable, methods: readonly Method[] | undefined) =>
  methods === undefined ? sql`` : sql`and t.method = any(${[...methods]}::text[])`;

/**
 * Lists the numbers of trials promoted into this rung, which is not the first: in the order of
 * their promotion, those that were promoted together ascending. Later ones are the last.
 */
export async function listSurvivors(
  sql: Queryable,
  sweepId: string,
  rung: number,
  { offset, limit, methods }: SurvivorPart,
): Promise<number[]> {
  const rows = await sql<{ index: number }[]>`
    select t.index from trials t left join rung_scores s on s.trial_id = t.id and s.rung = ${rung - 1}
    where t.sweep_id = ${sweepId} and t.promoted_into > 0 and t.promoted_into >= ${rung} ${ofMethods(sql, methods)}
    order by s.promotion nulls first, t.index offset ${offset} limit ${limit}`;
  return rows.map(({ index }) => index);
}

export async function countSurvivors(
  sql: Queryable,
  sweepId: string,
  rung: number,
  methods?: readonly Method[],
): Promise<number> {
  const [row] = await sql<{ count: number }[]>`
    select count(*)::int as count from trials t where t.sweep_id = ${sweepId} and t.promoted_into > 0 and t.promoted_into >= ${rung}
      ${ofMethods(sql, methods)}`;
  return row?.count ?? 0;
}

/** Decision about trials t at a rung, where s are their scores. */
const decidedAt = (sql: Queryable, rung: number) =>
  sql`case when t.promoted_into > ${rung} then 'promoted' when t.outcome = 'pruned' then 'pruned'
           when s.trial_id is null and ${endedBefore(sql, rung)} then 'completed' end as decided`;

/** Trials t that completed, by their patience, before the rung ended. */
const endedBefore = (sql: Queryable, rung: number) => sql`(t.outcome = 'completed' and t.rung <= ${rung})`;

/** Scores s of trials t at a rung; of those that completed before, the best of their curves c. */
const scoreAt = (sql: Queryable, rung: number) =>
  sql`coalesce(s.validation, case when ${endedBefore(sql, rung)}
               then coalesce((select max(v) from unnest(c.validation) v where v <> 'NaN'), t.validation) end) as validation`;

const joinRung = (sql: Queryable, rung: number) =>
  sql`trials t left join rung_scores s on s.trial_id = t.id and s.rung = ${rung} left join learning_curves c on c.trial_id = t.id`;

/**
 * Lists the scores of all trials that reached the rung or completed before, in ascending order of
 * their numbers.
 */
export const listRungScores = (sql: Queryable, sweepId: string, rung: number) =>
  sql<RungScore[]>`
    select t.index, t.cell, t.partition, t.configuration_hash as "configurationHash", ${scoreAt(sql, rung)}, ${decidedAt(sql, rung)}
    from ${joinRung(sql, rung)}
    where t.sweep_id = ${sweepId} and (s.trial_id is not null or ${endedBefore(sql, rung)}) order by t.index`;

/** Curves in one statement: limits the memory of its text. */
const CURVES_AT_ONCE = 2000;

/**
 * Lists the validation curves, up to the epoch at which the rung ends, of all trials that reached
 * the rung or completed before, in ascending order of their numbers.
 */
export async function listRungCurves(sql: Queryable, sweepId: string, rung: number, epochs: number): Promise<RungCurve[]> {
  const curves: RungCurve[] = [];
  for (;;) {
    const rows = await sql<RungCurve[]>`
      select t.index, t.cell, t.partition, t.configuration_hash as "configurationHash",
             coalesce(c.validation[1:${epochs}::int], '{}') as curve, ${decidedAt(sql, rung)}
      from ${joinRung(sql, rung)}
      where t.sweep_id = ${sweepId} and t.index > ${curves.at(-1)?.index ?? -1}
        and (s.trial_id is not null or ${endedBefore(sql, rung)})
      order by t.index limit ${CURVES_AT_ONCE}`;
    for (const row of rows) curves.push(row);
    if (rows.length < CURVES_AT_ONCE) return curves;
  }
}

/**
 * Lists the trials that entered a rung or completed before, in ascending order of their numbers;
 * those of the first one that have ended in it or are past it.
 */
export const listEntrants = (sql: Queryable, sweepId: string, rung: number, methods?: readonly Method[]) =>
  sql<Entrant[]>`
    select t.index, t.cell, t.partition, t.configuration_hash as "configurationHash", ${scoreAt(sql, rung)}, ${decidedAt(sql, rung)},
           t.outcome = 'rung' and t.rung < ${rung} as "isPending"
    from ${joinRung(sql, rung)}
    where t.sweep_id = ${sweepId} and (t.promoted_into >= ${rung} or ${endedBefore(sql, rung)}) ${ofMethods(sql, methods)}
    order by t.index`;

/** Attempts of a transaction; each that fails has let another one go on. */
const MOST_ATTEMPTS = 10;

/**
 * Repeats a transaction that another one ended: by a deadlock, or by the same trial, inserted after
 * its id was looked for and before its index was.
 */
async function repeatRaces(transact: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await transact();
    } catch (error) {
      if (attempt === MOST_ATTEMPTS || !(isDeadlock(error) || isSameTrial(error))) throw error;
    }
  }
}

const isDeadlock = (error: unknown): boolean => (error as { code?: string }).code === '40P01';

/** Whether the index of a trial, which determines its id, is taken. */
function isSameTrial(error: unknown): boolean {
  const { code, constraint_name } = error as { code?: string; constraint_name?: string };
  return code === '23505' && constraint_name === 'trials_index';
}

/** Whether trials are promoted past a rung together, or a few at a time while others reach it. */
export type PromotionOrder = 'together' | 'one after another';

/**
 * Promotes and prunes trials of a rung in one transaction. Earlier decisions are kept. Returns the
 * trials that it ended.
 */
export async function decideRung(
  sql: Sql,
  sweepId: string,
  rung: number,
  { promoted, pruned }: Decision,
  order: PromotionOrder = 'together',
): Promise<EndedTrial[]> {
  let ended: EndedTrial[] = [];
  await repeatRaces(() =>
    reviseSweep(sql, sweepId, async (transaction, writeId) => {
      // Promotions of a sweep follow one another: none is before an earlier one.
      if (order === 'one after another')
        await transaction`select pg_advisory_xact_lock(hashtextextended(${`narrows promotions ${sweepId}`}, 0))`;
      const gone = await transaction<Pick<TrialRow, 'id' | 'method' | 'engine'>[]>`
      update trials set outcome = 'pruned', finished_at = now(), write_id = ${writeId}
      where sweep_id = ${sweepId} and outcome = 'rung' and rung = ${rung} and promoted_into <= ${rung}
        and index = any(${[...pruned]}::int[]) returning id, method, engine`;
      const risen = await transaction<Pick<TrialRow, 'id'>[]>`
      update trials set promoted_into = ${rung + 1}, write_id = ${writeId}
      where sweep_id = ${sweepId} and promoted_into <= ${rung} and outcome <> 'pruned' and index = any(${[...promoted]}::int[]) returning id`;
      if (order === 'one after another') await numberPromotions(transaction, sweepId, rung, risen);
      await transaction`delete from checkpoints where trial_id = any(${gone.map(({ id }) => id)}::text[])`;
      ended = gone.map(({ method, engine }) => ({ outcome: 'pruned', method, engine }));
      if (gone.length + risen.length === 0) return 'nothing';
      return { ended: gone.length, engine: null, engineBuild: null, host: null, coreSeconds: null };
    }),
  );
  return ended;
}

/** Numbers trials after all others that were promoted past the rung. */
async function numberPromotions(
  sql: Queryable,
  sweepId: string,
  rung: number,
  promoted: readonly Pick<TrialRow, 'id'>[],
): Promise<void> {
  await sql`
    update rung_scores s set promotion = earlier.count + own.position
    from (select count(r.promotion)::int as count from rung_scores r join trials t on t.id = r.trial_id
          where t.sweep_id = ${sweepId} and r.rung = ${rung}) earlier,
         (select t.id, row_number() over (order by t.index)::int - 1 as position from trials t
          where t.id = any(${promoted.map(({ id }) => id)}::text[])) own
    where s.trial_id = own.id and s.rung = ${rung}`;
}

/**
 * Writes reports in one transaction. A report replaces only a row that failed or waits at an
 * earlier rung, so that a second delivery of the same report changes nothing. Returns the trials
 * that it ended. Throws NarrowsError `sweep-unknown`, and `trial-duplicate` where another trial of
 * the sweep has the same configuration, seed and partition.
 */
export async function recordReports(
  sql: Sql,
  sweepId: string,
  provenance: Provenance,
  entries: readonly TrialEntry[],
  latents: LatentPolicy = 'all',
): Promise<EndedTrial[]> {
  const latest = latestOfEach(entries);
  if (latest.length === 0) return [];
  let ended: EndedTrial[] = [];
  const rows = latest.map((entry) => reportColumns(sweepId, provenance, entry));
  await repeatRaces(() =>
    reviseSweep(sql, sweepId, async (transaction, writeId) => {
      const written = new Set(await upsertTrials(transaction, rows, writeId));
      const accepted = latest.filter(({ trialId }) => written.has(trialId));
      if (accepted.length > 0) await writeDetails(transaction, sweepId, latents, accepted);
      const failed = accepted.filter(({ report }) => report.outcome === 'failed').map(({ trialId }) => trialId);
      if (failed.length > 0) await countStoredEpochs(transaction, failed);
      const { engine, engineBuild, host } = provenance;
      ended = accepted.flatMap(({ trial, report: { outcome } }) =>
        outcome === 'rung' ? [] : [{ outcome, method: trial.configuration.method, engine }],
      );
      if (accepted.length === 0) return 'nothing';
      return { ended: ended.length, engine, engineBuild, host, coreSeconds: sumCoreSeconds(accepted) };
    }),
  );
  return ended;
}

/** Returns the seconds that reports say their trials took, each on one core, by method. */
function sumCoreSeconds(entries: readonly TrialEntry[]): ByMethod<number> {
  const byMethod = Map.groupBy(entries, ({ trial }) => trial.configuration.method);
  const sums = [...byMethod].map(([method, own]) => [method, own.reduce((sum, { report }) => sum + report.seconds, 0)] as const);
  return Object.fromEntries(sums);
}

/** A failed trial has the epochs of its checkpoint, from which a retry goes on. */
async function countStoredEpochs(sql: Queryable, trialIds: readonly string[]): Promise<void> {
  await sql`
    update trials set epochs = greatest(trials.epochs, checkpoints.epoch) from checkpoints
    where checkpoints.trial_id = trials.id and trials.id = any(${[...trialIds]}::text[])`;
}

/** Returns one report per trial, of the highest rung: a statement writes a row only once. */
function latestOfEach(entries: readonly TrialEntry[]): TrialEntry[] {
  const latest = new Map<string, TrialEntry>();
  for (const entry of entries) {
    const other = latest.get(entry.trialId);
    if (!other || other.rung < entry.rung) latest.set(entry.trialId, entry);
  }
  return [...latest.values()];
}

/** Inserts or replaces rows. Returns the ids of those that it wrote. */
async function upsertTrials(
  sql: Queryable,
  rows: readonly ReturnType<typeof reportColumns>[],
  writeId: number,
): Promise<string[]> {
  const columns = sql.unsafe(Object.keys(rows[0] as object).join(', '));
  try {
    const written = await sql<{ id: string }[]>`
      insert into trials (${columns}, started_at, finished_at, write_id)
      select ${columns}, now() - make_interval(secs => seconds), now(), ${writeId}::bigint
      from ${recordset(sql, 'trials', rows)}
      order by index
      on conflict (id) do update set
        outcome = excluded.outcome, rung = excluded.rung, validation = coalesce(excluded.validation, trials.validation),
        failure_code = excluded.failure_code, message = excluded.message, epochs = greatest(excluded.epochs, trials.epochs),
        seconds = trials.seconds + excluded.seconds, finished_at = excluded.finished_at, dataset_version = excluded.dataset_version,
        engine = excluded.engine, engine_build = excluded.engine_build, code_version = excluded.code_version, host = excluded.host,
        write_id = excluded.write_id
      where (trials.outcome = 'rung' and trials.rung < excluded.rung)
        or (trials.outcome = 'failed'
          and (excluded.outcome, excluded.rung, excluded.failure_code, excluded.message)
            is distinct from (trials.outcome, trials.rung, trials.failure_code, trials.message))
      returning id`;
    return written.map(({ id }) => id);
  } catch (error) {
    const { code, detail = '' } = error as { code?: string; detail?: string };
    if (code !== '23505' || isSameTrial(error)) throw error;
    throw new NarrowsError(
      'trial-duplicate',
      `two trials of the sweep have the same configuration, seed and partition: ${detail}`,
      {
        kind: 'failure',
        cause: error,
      },
    );
  }
}

/** Returns the columns of a trial's row that come from its report. */
function reportColumns(sweepId: string, provenance: Provenance, { trial, trialId, rung, report }: TrialEntry) {
  const { method, k } = trial.configuration;
  return {
    id: trialId,
    sweep_id: sweepId,
    index: trial.index,
    method,
    k,
    cell: trial.cell,
    configuration: trial.configuration,
    configuration_hash: trial.configurationHash,
    seed: trial.seed,
    partition: trial.partition,
    outcome: report.outcome,
    rung,
    validation: validationOf(k, report),
    failure_code: report.outcome === 'failed' ? report.code : null,
    message: 'message' in report ? report.message : null,
    epochs: report.epochs,
    seconds: report.seconds,
    dataset_version: provenance.datasetVersion,
    engine: provenance.engine,
    engine_build: report.build ?? provenance.engineBuild,
    code_version: provenance.codeVersion,
    host: provenance.host,
  };
}

/** Returns the score at the trial's own width (for ECA the highest rank); null without one. */
function validationOf(k: number, report: TrialReport): number | null {
  if (report.outcome === 'rung') return finiteOrNull(report.validation);
  if (report.outcome !== 'completed') return null;
  return finiteOrNull(report.scores.find((score) => score.split === 'validation' && score.k === k)?.coveredVariance ?? NaN);
}
