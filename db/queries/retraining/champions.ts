/** Champions: the models in use, and their predecessors. */
import { NarrowsError, notFound } from '../../../errors.ts';
import { METHODS, type Method } from '../../../models/methods/catalogue.ts';
import type { Queryable, Sql } from '../../client.ts';
import type { ChampionOrigin } from '../../enums.ts';
import type { champions, TrialRow } from '../../schema.ts';
import { holdSweeps } from '../lifecycle/sweep-uses.ts';
import { notifyRetrainingChange } from './change-feed.ts';

type Champion = Readonly<typeof champions.$inferSelect>;

/** `name` is that of the retraining. */
export type NewChampion = Omit<Champion, 'id' | 'origin' | 'previous' | 'since' | 'until' | 'endedBy'>;

export interface ChampionRow
  extends Champion,
    Pick<TrialRow, 'configuration' | 'seed' | 'engine' | 'engineBuild' | 'codeVersion'> {
  /** Validation covered variance at its width or rank. */
  readonly validation: number;
}

const selected = (sql: Queryable) => sql`
  select c.id::float8 as id, c.name, c.dataset, c.target, c.method, c.k, c.trial_id as "trialId", c.sweep_id as "sweepId",
         c.dataset_version as "datasetVersion", c.run_id as "runId", c.origin, c.previous::float8 as previous, c.since, c.until,
         c.ended_by as "endedBy", t.configuration, t.seed::float8 as seed, v.covered_variance as validation, t.engine,
         t.engine_build as "engineBuild", t.code_version as "codeVersion"
  from champions c join trials t on t.id = c.trial_id
  join covered_variances v on v.trial_id = c.trial_id and v.split = 'validation' and v.k = c.k`;

const championUnknown = (message: string) => notFound('champion-unknown', message, 'champion', 'see "narrows champion ls"');

/** Lists the champions in use, of one retraining or (null) all, by name, method and width. */
export const listCurrentChampions = (sql: Queryable, name: string | null) =>
  sql<ChampionRow[]>`
    ${selected(sql)} where c.until is null and (${name}::text is null or c.name = ${name})
    order by c.name, array_position(${[...METHODS]}::text[], c.method), c.k`;

/** Lists all champions of a retraining, newest first. */
export const listChampionHistory = (sql: Queryable, name: string) =>
  sql<ChampionRow[]>`${selected(sql)} where c.name = ${name} order by c.since desc, c.id desc`;

/** Finds the champion in use. Throws NarrowsError `champion-unknown`. */
export async function findChampion(sql: Queryable, name: string, method: Method, k: number): Promise<ChampionRow> {
  const [row] = await sql<ChampionRow[]>`
    ${selected(sql)} where c.until is null and c.name = ${name} and c.method = ${method} and c.k = ${k}`;
  if (row) return row;
  throw championUnknown(`"${name}" has no champion of ${method} at k = ${k}`);
}

/** Inserts the first champion of a method and width. Returns false where there is one already. */
export async function registerChampion(sql: Queryable, origin: 'first' | 'adopted', champion: NewChampion): Promise<boolean> {
  return (await insertChampion(sql, origin, champion, null)) !== null;
}

/**
 * Replaces the champion with this id. Returns false, without a change, where that one is no longer
 * in use. Call it in the transaction that records the reason; a unique index ensures a single
 * champion in use.
 */
export async function replaceChampion(sql: Queryable, champion: NewChampion, inPlaceOf: number): Promise<boolean> {
  const { count } = await sql`
    update champions set until = now(), ended_by = 'promotion' where id = ${inPlaceOf} and until is null`;
  if (count === 0) return false;
  return (await insertChampion(sql, 'promotion', champion, inPlaceOf)) !== null;
}

/** Finds a champion, in use or not. Throws NarrowsError `champion-unknown`. */
export async function findChampionById(sql: Queryable, id: number): Promise<ChampionRow> {
  const [row] = await sql<ChampionRow[]>`${selected(sql)} where c.id = ${id}`;
  if (row) return row;
  throw championUnknown(`there is no champion ${id}`);
}

/** Returns the champion that replaced this one in a roll-back; null where there was none. */
export async function findRollbackReplacement(
  sql: Queryable,
  { name, method, k, until, endedBy }: ChampionRow,
): Promise<ChampionRow | null> {
  if (endedBy !== 'rollback') return null;
  // Both rows are of one transaction, hence of one time, which the driver rounds to milliseconds.
  const [row] = await sql<ChampionRow[]>`
    ${selected(sql)} where c.name = ${name} and c.method = ${method} and c.k = ${k} and c.origin = 'rollback'
      and date_trunc('milliseconds', c.since) = ${until} order by c.id desc limit 1`;
  return row ?? null;
}

/**
 * Replaces the champion in use by its predecessor in one transaction; `alongside` writes related
 * rows, with the id of the new row. Throws NarrowsError `champion-ended`, `nothing-to-roll-back`.
 */
export async function restorePreviousChampion(
  sql: Sql,
  { id, name, method, k }: Pick<ChampionRow, 'id' | 'name' | 'method' | 'k'>,
  alongside: (sql: Queryable, to: ChampionRow, replacement: number) => Promise<void>,
): Promise<ChampionRow> {
  return sql.begin(async (transaction) => {
    await transaction`select from champions where id = ${id} for update`;
    const from = await findChampionById(transaction, id);
    if (from.until !== null) {
      throw new NarrowsError('champion-ended', `this champion of ${method} at k = ${k} is no longer in use`, {
        path: 'champion',
        fix: `see "narrows champion show ${name}"`,
        kind: 'failure',
      });
    }
    if (from.previous === null) {
      throw new NarrowsError('nothing-to-roll-back', `the champion of ${method} at k = ${k} is the first of "${name}"`, {
        path: 'champion',
        fix: 'see "narrows champion show NAME"',
        kind: 'failure',
      });
    }
    const to = await findChampionById(transaction, from.previous);
    await transaction`update champions set until = now(), ended_by = 'rollback' where id = ${id}`;
    const replacement = (await insertChampion(transaction, 'rollback', { ...to, runId: null }, to.previous)) as number;
    await alongside(transaction, to, replacement);
    return findChampionById(transaction, replacement);
  });
}

async function insertChampion(
  sql: Queryable,
  origin: ChampionOrigin,
  { name, dataset, target, method, k, trialId, sweepId, datasetVersion, runId }: NewChampion,
  previous: number | null,
): Promise<number | null> {
  // A sweep is removed only while no champion refers to it.
  await holdSweeps(sql, [sweepId]);
  const [row] = await sql<{ id: number }[]>`
    insert into champions (name, dataset, target, method, k, trial_id, sweep_id, dataset_version, run_id, origin, previous)
    values (${name}, ${dataset}, ${target}, ${method}, ${k}, ${trialId}, ${sweepId}, ${datasetVersion}, ${runId}, ${origin}, ${previous})
    on conflict do nothing returning id::float8 as id`;
  if (row) await notifyRetrainingChange(sql, { name });
  return row?.id ?? null;
}
