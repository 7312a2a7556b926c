/** Sweeps: rows, states and progress. */
import { notFound } from '../../../errors.ts';
import type { Method } from '../../../models/methods/catalogue.ts';
import { countLeftOut } from '../../../search/limits/limits.ts';
import { plannedRoutesOf } from '../../../search/routes.ts';
import { sourceSweeps } from '../../../search/space.ts';
import type { SweepSpec } from '../../../search/spec.ts';
import { isFinished, type Outcome, type SweepState } from '../../../search/states.ts';
import type { Queryable } from '../../client.ts';
import type { sweeps } from '../../schema.ts';
import { holdSweeps } from '../lifecycle/sweep-uses.ts';
import { sweepUnknown } from '../not-found.ts';
import { notifySweepChange } from './revision.ts';

/** A sweep without what only the database needs to know of it. */
export interface SweepRow
  extends Readonly<
    Omit<typeof sweeps.$inferSelect, 'removedAt' | 'stateSince' | 'routes' | 'leftOut' | 'retriedAt' | 'isFailedOnly'>
  > {
  /** Seconds from the start to the end, or to now, by the database's clock. */
  readonly elapsed: number;
  /** Configurations that an adaptive sampler has proposed. */
  readonly proposed: number;
}

type NewSweep = Omit<
  SweepRow,
  | 'state'
  | 'message'
  | 'startedAt'
  | 'finishedAt'
  | 'elapsed'
  | 'proposed'
  | 'revision'
  | 'identity'
  | 'limits'
  | 'spending'
  | 'idleSeconds'
>;

/**
 * Inserts a sweep; returns false where its id exists already. Throws NarrowsError `sweep-removed`
 * where a sweep that it starts from was removed, `dataset-missing` where its data were.
 */
export async function createSweep(sql: Queryable, sweep: NewSweep): Promise<boolean> {
  const sources = sourceSweeps(sweep.spec);
  const { count } = await insertSweep(sql, sweep, sources);
  if (count === 0) await holdSweeps(sql, sources);
  if (count > 0) await notifySweepChange(sql, { sweepId: sweep.id, revision: 0, state: 'running' });
  return count > 0;
}

/** Deletes a sweep that has no trials; the API's role may delete no other. */
export async function discardSweep(sql: Queryable, id: string): Promise<void> {
  await sql`select discard_sweep(${id})`;
}

/** Inserts a sweep whose sources exist, and holds them until it is there. */
async function insertSweep(sql: Queryable, sweep: NewSweep, sources: readonly string[]) {
  try {
    return await sql`
      with held as (select from sweeps where id = any(${[...sources]}::text[]) and removed_at is null for key share)
      insert into sweeps (id, name, spec, dataset, dataset_version, target, state, planned, left_out, pack_sizes, routes, code_version, identity)
      select ${sweep.id}, ${sweep.name}, ${sql.json(sweep.spec as never)}::jsonb, ${sweep.dataset}, ${sweep.datasetVersion},
             ${sweep.target}, 'running', ${sweep.planned}::int, ${countLeftOut(sweep.spec, null)}::int, ${[...sweep.packSizes]}::int[], ${sql.json(plannedRoutesOf(sweep.spec) as never)}::jsonb,
             ${sweep.codeVersion},
             (select identity from installation)
      where (select count(*) from held) = ${sources.length}
      on conflict (id) do nothing`;
  } catch (error) {
    if ((error as { code?: string }).code !== FOREIGN_KEY_VIOLATION) throw error;
    const message = `the dataset "${sweep.dataset}@${sweep.datasetVersion.slice(0, 12)}" was removed`;
    throw notFound('dataset-missing', message, 'dataset', 'import it again with "narrows data import DIR"');
  }
}

/** SQLSTATE. */
const FOREIGN_KEY_VIOLATION = '23503';

export const sweepColumns = (sql: Queryable) => sql`
  id, name, spec, dataset, dataset_version as "datasetVersion", target, state, message, planned, pack_sizes as "packSizes", limits, spending,
  idle_seconds + case when state = 'paused' then extract(epoch from now() - state_since) else 0 end::float8 as "idleSeconds",
  code_version as "codeVersion", started_at as "startedAt", finished_at as "finishedAt",
  greatest(0, extract(epoch from coalesce(finished_at, now()) - started_at))::float8 as elapsed, revision::float8 as revision, identity,
  (select coalesce(max(p.position) + 1, 0) from proposals p where p.sweep_id = sweeps.id) as proposed`;

/** Finds a sweep by id, or the newest of that name. Throws NarrowsError `sweep-unknown`. */
export async function findSweep(sql: Queryable, idOrName: string): Promise<SweepRow> {
  const [row] = await sql<SweepRow[]>`
    select ${sweepColumns(sql)} from sweeps where (id = ${idOrName} or name = ${idOrName}) and removed_at is null
    order by (id = ${idOrName}) desc, started_at desc limit 1`;
  if (row) return row;
  throw sweepUnknown(idOrName);
}

/** Returns those of these sweeps that exist, in any order. */
export const findSweepsById = (sql: Queryable, ids: readonly string[]) =>
  sql<SweepRow[]>`select ${sweepColumns(sql)} from sweeps where id = any(${[...ids]}::text[]) and removed_at is null`;

/** Lists all sweeps, newest first. */
export const listSweeps = (sql: Queryable) =>
  sql<SweepRow[]>`select ${sweepColumns(sql)} from sweeps where removed_at is null order by started_at desc, id`;

/** Lists the sweeps that have not finished. */
export const listUnfinishedSweeps = (sql: Queryable) =>
  sql<SweepRow[]>`select ${sweepColumns(sql)} from sweeps
    where state in ('running', 'paused') and removed_at is null order by started_at desc, id`;

/** A sweep as it shares trainers with others. */
export interface RunningSweep extends Pick<SweepRow, 'id' | 'identity'>, Pick<SweepSpec, 'methods' | 'class' | 'engine'> {
  readonly weight: number;
}

/** Lists the running sweeps, by what decides how they share trainers. */
export async function listRunningRoutes(sql: Queryable): Promise<RunningSweep[]> {
  const rows = await sql<
    (Omit<RunningSweep, 'class' | 'engine'> & {
      readonly class: RunningSweep['class'] | null;
      readonly engine: RunningSweep['engine'] | null;
    })[]
  >`
    select id, identity, coalesce((spec ->> 'weight')::float8, 1) as weight, spec -> 'methods' as methods, spec -> 'class' as class,
           spec -> 'engine' as engine
    from sweeps where state = 'running' and removed_at is null order by id`;
  return rows.map(({ class: named, engine, ...row }) => ({ ...row, ...(named && { class: named }), ...(engine && { engine }) }));
}

/**
 * Records the routes of running sweeps that lack them: those of earlier releases, and restored
 * ones.
 */
export async function recordMissingRoutes(sql: Queryable): Promise<void> {
  const rows = await sql<Pick<SweepRow, 'id' | 'spec'>[]>`
    select id, spec from sweeps where state = 'running' and routes is null and removed_at is null`;
  for (const { id, spec } of rows)
    await sql`update sweeps set routes = ${sql.json(plannedRoutesOf(spec) as never)}::jsonb where id = ${id} and routes is null`;
}

/**
 * Records that failed trials are to be trained again from now on; `isFailedOnly`: without those
 * that never ran, where the sweep had ended.
 */
export async function recordRetry(sql: Queryable, id: string, isFailedOnly: boolean): Promise<void> {
  await sql`
    update sweeps set retried_at = now(), is_failed_only = case when finished_at is null then is_failed_only else ${isFailedOnly} end
    where id = ${id}`;
}

/**
 * Locks a sweep until the transaction ends: against changes of its row, or with `isExclusive`
 * against new rows that refer to it as well. Throws NarrowsError `sweep-unknown`.
 */
export async function lockSweep(sql: Queryable, id: string, { isExclusive = false } = {}): Promise<SweepRow> {
  const strength = isExclusive ? sql`for update` : sql`for no key update`;
  const [row] = await sql<
    SweepRow[]
  >`select ${sweepColumns(sql)} from sweeps where id = ${id} and removed_at is null ${strength}`;
  if (row) return row;
  throw sweepUnknown(id);
}

/** Sets the state, and `finished_at` where it is an ending. Throws NarrowsError `sweep-unknown`. */
export async function setSweepState(sql: Queryable, id: string, state: SweepState, message: string | null = null): Promise<void> {
  const ended = isFinished(state);
  const [row] = await sql<{ revision: number }[]>`
    update sweeps set state = ${state}, message = ${message}, finished_at = case when ${ended} then coalesce(finished_at, now()) end,
                      idle_seconds = idle_seconds + case when (state = 'paused' and ${state} <> 'paused') or (state <> 'running' and ${state} = 'running')
                                                         then extract(epoch from now() - state_since) else 0 end,
                      state_since = case when state = ${state} then state_since else now() end, revision = revision + 1
    where id = ${id} and removed_at is null returning revision::float8 as revision`;
  if (!row) throw sweepUnknown(id);
  await notifySweepChange(sql, { sweepId: id, revision: row.revision, state });
}

/** Number of trials of a method by outcome; 'rung' counts trials between rungs. */
export type MethodCounts = Readonly<{ method: Method } & Record<Outcome, number>>;

export const countOutcomes = (sql: Queryable, sweepId: string) =>
  sql<MethodCounts[]>`
    select method,
           (count(*) filter (where outcome = 'completed'))::int as completed, (count(*) filter (where outcome = 'pruned'))::int as pruned,
           (count(*) filter (where outcome = 'diverged'))::int as diverged, (count(*) filter (where outcome = 'failed'))::int as failed,
           (count(*) filter (where outcome = 'rung'))::int as rung
    from trials where sweep_id = ${sweepId} group by method order by method`;

/** Returns the most frequent message of the trials that failed or diverged; null without any. */
export async function findFailureReason(sql: Queryable, sweepId: string): Promise<string | null> {
  const [row] = await sql<{ message: string }[]>`
    select message from trials where sweep_id = ${sweepId} and outcome in ('failed', 'diverged') and message is not null
    group by message order by count(*) desc, message limit 1`;
  return row?.message ?? null;
}
