/** Retrainings, their runs, and the shards that they have processed. */
import { notFound } from '../../../errors.ts';
import type { Queryable } from '../../client.ts';
import type { RetrainOutcome } from '../../enums.ts';
import type { retrainings, retrainRuns, shards } from '../../schema.ts';
import { notifyRetrainingChange } from './change-feed.ts';

export type RetrainingRow = Readonly<typeof retrainings.$inferSelect>;
export type RetrainRunRow = Readonly<typeof retrainRuns.$inferSelect>;
export type ShardRow = Readonly<Omit<typeof shards.$inferSelect, 'name'>>;

const columns = (sql: Queryable) => sql`
  name, spec, dataset, target, options, created_at as "createdAt", removed_at as "removedAt", identity`;

/**
 * Inserts a retraining, or replaces a removed one; call it in a transaction. `sourceUrl`: the URL
 * with its query, of which `options` has the form that is shown. Returns false where the name is in
 * use.
 */
export async function saveRetraining(
  sql: Queryable,
  { name, spec, dataset, target, options }: Omit<RetrainingRow, 'createdAt' | 'removedAt' | 'identity'>,
  sourceUrl: string | null = null,
): Promise<boolean> {
  const { count } = await sql`
    insert into retrainings (name, spec, dataset, target, options, identity)
    values (${name}, ${sql.json(spec as never)}, ${dataset}, ${target}, ${sql.json(options as never)},
            (select identity from installation))
    on conflict (name) do update set spec = excluded.spec, dataset = excluded.dataset, target = excluded.target,
      options = excluded.options, identity = excluded.identity, created_at = now(), removed_at = null
    where retrainings.removed_at is not null`;
  if (count === 0) return false;
  await sql`delete from source_urls where name = ${name}`;
  if (sourceUrl !== null) await sql`insert into source_urls (name, url) values (${name}, ${sourceUrl})`;
  await notifyRetrainingChange(sql, { name });
  return true;
}

/**
 * Finds the URL of a retraining's source, with its query: only workers may. Throws
 * `retraining-unknown`.
 */
export async function findSourceUrl(sql: Queryable, name: string): Promise<string> {
  const [row] = await sql<{ url: string }[]>`select url from source_urls where name = ${name}`;
  if (row) return row.url;
  throw notFound('retraining-unknown', `"${name}" has no URL of a source`, 'name', 'see "narrows retrain ls"');
}

/** Finds a retraining that was not removed. Throws NarrowsError `retraining-unknown`. */
export async function findRetraining(sql: Queryable, name: string): Promise<RetrainingRow> {
  const [row] = await sql<RetrainingRow[]>`select ${columns(sql)} from retrainings where name = ${name} and removed_at is null`;
  if (row) return row;
  throw notFound('retraining-unknown', `there is no retraining "${name}"`, 'name', 'see "narrows retrain ls"');
}

/** Finds the retraining of a run, even if it was removed. Throws `retraining-unknown`. */
export async function findRetrainingOfRun(sql: Queryable, name: string): Promise<RetrainingRow> {
  const [row] = await sql<RetrainingRow[]>`select ${columns(sql)} from retrainings where name = ${name}`;
  return row ?? findRetraining(sql, name);
}

/** Lists the retrainings by name, without removed ones. */
export const listRetrainings = (sql: Queryable) =>
  sql<RetrainingRow[]>`select ${columns(sql)} from retrainings where removed_at is null order by name`;

export async function markRetrainingRemoved(sql: Queryable, name: string): Promise<void> {
  await sql`update retrainings set removed_at = now() where name = ${name} and removed_at is null`;
  await sql`delete from source_urls where name = ${name}`;
  await notifyRetrainingChange(sql, { name });
}

export const runColumns = (sql: Queryable) => sql`
  id, name, outcome, from_version as "fromVersion", to_version as "toVersion", sweep_ids as "sweepIds", drift, challenges, message,
  started_at as "startedAt", finished_at as "finishedAt"`;

/** Inserts a run; idempotent. */
export async function startRun(sql: Queryable, id: string, name: string): Promise<void> {
  await sql`insert into retrain_runs (id, name) values (${id}, ${name}) on conflict (id) do nothing`;
  await notifyRetrainingChange(sql, { name });
}

/** Finds a run by id. Throws NarrowsError `run-unknown`. */
export async function findRun(sql: Queryable, id: string): Promise<RetrainRunRow> {
  const [row] = await sql<RetrainRunRow[]>`select ${runColumns(sql)} from retrain_runs where id = ${id}`;
  if (row) return row;
  throw notFound('run-unknown', `there is no run "${id}"`, 'run', 'see "narrows retrain show NAME"');
}

/** Lists the runs of a retraining, newest first. */
export const listRuns = (sql: Queryable, name: string, limit: number) =>
  sql<RetrainRunRow[]>`
    select ${runColumns(sql)} from retrain_runs where name = ${name} order by started_at desc, id desc limit ${limit}`;

/** Lists the runs of all retrainings that have not ended. */
export const listUnfinishedRuns = (sql: Queryable) =>
  sql<RetrainRunRow[]>`select ${runColumns(sql)} from retrain_runs where outcome = 'running' order by started_at`;

/** Returns the newest version that a run processed completely; null without one. */
export async function findLastProcessedVersion(sql: Queryable, name: string): Promise<string | null> {
  const [row] = await sql<{ version: string }[]>`
    select to_version as version from retrain_runs
    where name = ${name} and outcome in ('first', 'kept', 'promoted') and to_version is not null
    order by finished_at desc limit 1`;
  return row?.version ?? null;
}

/** Updates the given fields of a run. */
export async function updateRun(
  sql: Queryable,
  id: string,
  { fromVersion, toVersion, sweepIds, drift, challenges }: Partial<RetrainRunRow>,
): Promise<void> {
  const [row] = await sql<{ name: string }[]>`
    update retrain_runs set
      from_version = coalesce(${fromVersion ?? null}, from_version), to_version = coalesce(${toVersion ?? null}, to_version),
      sweep_ids = coalesce(${sweepIds ? [...sweepIds] : null}::text[], sweep_ids),
      drift = coalesce(${drift ? sql.json(drift as never) : null}::jsonb, drift),
      challenges = coalesce(${challenges ? sql.json(challenges as never) : null}::jsonb, challenges)
    where id = ${id} returning name`;
  if (row) await notifyRetrainingChange(sql, row);
}

/** Locks a run until the transaction ends; null where the run has ended. */
export async function lockRunning(sql: Queryable, id: string): Promise<RetrainRunRow | null> {
  const [run] = await sql<RetrainRunRow[]>`select ${runColumns(sql)} from retrain_runs where id = ${id} for update`;
  return run?.outcome === 'running' ? run : null;
}

/** Ends a run unless it has ended. Returns whether this call ended it. */
export async function finishRun(
  sql: Queryable,
  id: string,
  outcome: Exclude<RetrainOutcome, 'running'>,
  message: string,
): Promise<boolean> {
  const [row] = await sql<{ name: string }[]>`
    update retrain_runs set outcome = ${outcome}, message = ${message}, finished_at = now()
    where id = ${id} and outcome = 'running' returning name`;
  if (row) await notifyRetrainingChange(sql, row);
  return row !== undefined;
}

/** Finds the newest version from this folder since then: an interrupted step may have stored it. */
export async function findVersionFromFolder(
  sql: Queryable,
  dataset: string,
  folder: string,
  since: Date,
): Promise<string | null> {
  const [row] = await sql<{ version: string }[]>`
    select version from dataset_versions
    where name = ${dataset} and description ->> 'folder' = ${folder} and imported_at >= ${since}
    order by imported_at desc limit 1`;
  return row?.version ?? null;
}

export const shardColumns = (sql: Queryable) => sql`content, folder, fingerprint, outcome, version, message, seen_at as "seenAt"`;

/** Lists the shards of a retraining, newest first. */
export const listShards = (sql: Queryable, name: string) =>
  sql<ShardRow[]>`
    select ${shardColumns(sql)} from shards where name = ${name}
    order by seen_at desc, folder`;

/**
 * Records a shard. Returns false where it was known; with another fingerprint it counts as the
 * newest one.
 */
export async function saveShard(sql: Queryable, name: string, shard: Omit<ShardRow, 'seenAt'>): Promise<boolean> {
  const { content, folder, fingerprint, outcome, version, message } = shard;
  const [row] = await sql<{ fresh: boolean }[]>`
    insert into shards (name, content, folder, fingerprint, outcome, version, message)
    values (${name}, ${content}, ${folder}, ${fingerprint}, ${outcome}, ${version}, ${message})
    on conflict (name, folder, content) do update set fingerprint = excluded.fingerprint,
      seen_at = case when shards.fingerprint is distinct from excluded.fingerprint then now() else shards.seen_at end
    returning xmax = 0 as fresh`;
  if (row?.fresh) await notifyRetrainingChange(sql, { name });
  return row?.fresh ?? false;
}
