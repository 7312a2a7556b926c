/** Pages of a retraining's runs, shards and events, newest first, and its data versions. */
import type { Fragment } from 'postgres';
import type { DriftRecord } from '../../../models/drift/record.ts';
import type { Queryable } from '../../client.ts';
import type { RetrainOutcome } from '../../enums.ts';
import type { VersionGrowth } from '../datasets/datasets.ts';
import { type EventRow, eventColumns, type MessageRow, messageColumns } from './notifications.ts';
import { type RetrainRunRow, runColumns, type ShardRow, shardColumns } from './retrainings.ts';

/** Position in a list: the time as Postgres' text with microseconds, and an id to break ties. */
interface Cursor {
  readonly at: string;
  readonly id: string;
}

interface PageRequest {
  readonly name: string;
  readonly limit: number;
  /** Last row of the page before; null for the first page. */
  readonly after: Cursor | null;
}

/** Reads a page of a table by descending `time`, then `tie`, an expression; `fits` selects rows. */
async function readPage<Row>(
  sql: Queryable,
  { name, limit, after }: PageRequest,
  columns: Fragment,
  [table, time, tie]: readonly [table: string, time: string, tie: string],
  fits: Fragment = sql`true`,
) {
  const [from, at, id] = [sql.unsafe(table), sql.unsafe(time), sql.unsafe(tie)];
  const [found, [counts]] = await Promise.all([
    sql<(Row & { place: string; placeId: string })[]>`
      select ${columns}, ${at}::text as place, (${id})::text as "placeId" from ${from}
      where name = ${name} and ${fits}
        and ${after === null ? sql`true` : sql`(${at}, ${id}) < (${after.at}::text::timestamptz, ${after.id})`}
      order by ${at} desc, ${id} desc limit ${limit + 1}`,
    sql<[{ matched: number; total: number }]>`
      select (count(*) filter (where ${fits}))::int as matched, count(*)::int as total from ${from} where name = ${name}`,
  ]);
  const rows = found.slice(0, limit);
  const last = rows.at(-1);
  return {
    rows: rows.map(({ place: _, placeId: __, ...row }) => row as Row),
    ...counts,
    next: found.length > limit && last ? { at: last.place, id: last.placeId } : null,
  };
}

/** Returns a page of runs with one of these outcomes; null selects any. */
export function listRunPage(
  sql: Queryable,
  { outcomes, ...request }: PageRequest & { readonly outcomes: readonly RetrainOutcome[] | null },
) {
  const fits = outcomes === null ? sql`true` : sql`outcome = any(${[...outcomes]}::text[])`;
  return readPage<RetrainRunRow>(sql, request, runColumns(sql), ['retrain_runs', 'started_at', 'id'], fits);
}

/** One run may record a folder with several contents at the same time: the order includes both. */
export const listShardPage = (sql: Queryable, request: PageRequest) =>
  readPage<ShardRow>(sql, request, shardColumns(sql), ['shards', 'seen_at', "folder || ' ' || content"]);

export const listEventPage = (sql: Queryable, request: PageRequest) =>
  readPage<EventRow>(sql, request, eventColumns(sql), ['events', 'at', 'id']);

/** Lists the messages of these events. */
export const listMessagesOfEvents = (sql: Queryable, eventIds: readonly string[]) =>
  sql<MessageRow[]>`
    select ${messageColumns(sql)} from messages where event_id = any(${[...eventIds]}::text[]::uuid[]) order by event_id, channel`;

/** A run that processed its data completely. */
export interface ConcludedRun extends Pick<RetrainRunRow, 'id' | 'challenges'> {
  readonly outcome: 'first' | 'kept' | 'promoted';
  readonly toVersion: string;
  readonly finishedAt: Date;
  readonly verdict: DriftRecord['verdict'] | null;
}

/** Lists the runs that processed their data completely, oldest first. */
export const listConcludedRuns = (sql: Queryable, name: string) =>
  sql<ConcludedRun[]>`
    select id, outcome, to_version as "toVersion", finished_at as "finishedAt", drift ->> 'verdict' as verdict, challenges
    from retrain_runs
    where name = ${name} and outcome in ('first', 'kept', 'promoted') and to_version is not null
    order by finished_at, id`;

/** Returns the covered variance on the test rows of the trials' own versions, by scoreKey. */
export async function loadTestScores(
  sql: Queryable,
  cells: readonly { readonly trialId: string; readonly k: number }[],
): Promise<ReadonlyMap<string, number>> {
  const rows = await sql<{ trialId: string; k: number; score: number }[]>`
    select trial_id as "trialId", k, covered_variance as score from covered_variances
    where split = 'test' and trial_id = any(${[...new Set(cells.map(({ trialId }) => trialId))]}::text[])`;
  return new Map(rows.map(({ trialId, k, score }) => [scoreKey(trialId, k), score]));
}

export const scoreKey = (trialId: string, k: number): string => `${trialId} ${k}`;

const versionColumns = (sql: Queryable) => sql`
  version, parent, coalesce(rows, (description ->> 'rows')::int, 0) as rows, coalesce((description ->> 'rows')::int, 0) as added,
  imported_at as "importedAt"`;

/** Lists the versions of a dataset, oldest first; `only` restricts them. */
export const listVersionGrowth = (sql: Queryable, dataset: string, only: readonly string[] | null = null) =>
  sql<VersionGrowth[]>`
    select ${versionColumns(sql)} from dataset_versions
    where name = ${dataset} and ${only === null ? sql`true` : sql`version = any(${[...only]}::text[])`}
    order by imported_at, version`;

/** Returns the newest version of each of these datasets. */
export async function findNewestVersions(
  sql: Queryable,
  datasets: readonly string[],
): Promise<ReadonlyMap<string, VersionGrowth>> {
  const rows = await sql<(VersionGrowth & { name: string })[]>`
    select distinct on (name) name, ${versionColumns(sql)} from dataset_versions
    where name = any(${[...new Set(datasets)]}::text[]) order by name, imported_at desc, version`;
  return new Map(rows.map(({ name, ...version }) => [name, version]));
}

/** Lists these versions and their ancestors, oldest first. */
export const listVersionsWithAncestors = (sql: Queryable, dataset: string, versions: readonly string[]) =>
  sql<VersionGrowth[]>`
    with recursive chain as (
      select version, parent from dataset_versions where name = ${dataset} and version = any(${[...versions]}::text[])
      union
      select v.version, v.parent from chain c join dataset_versions v on v.name = ${dataset} and v.version = c.parent
    )
    select ${versionColumns(sql)} from dataset_versions
    where name = ${dataset} and version in (select version from chain) order by imported_at, version`;

/** Returns runs by id, oldest first. */
export const findRunsById = (sql: Queryable, ids: readonly string[]) =>
  sql<RetrainRunRow[]>`
    select ${runColumns(sql)} from retrain_runs where id = any(${[...ids]}::text[]) order by started_at, id`;

/** Returns the number of champions in use and the newest run of each retraining. */
export async function summariseRetrainings(
  sql: Queryable,
  names: readonly string[],
): Promise<ReadonlyMap<string, { readonly champions: number; readonly lastRun: RetrainRunRow | null }>> {
  const [counts, runs] = await Promise.all([
    sql<{ name: string; champions: number }[]>`
      select name, count(*)::int as champions from champions
      where until is null and name = any(${[...names]}::text[]) group by name`,
    sql<RetrainRunRow[]>`
      select last.* from unnest(${[...names]}::text[]) as one (retraining)
      cross join lateral (
        select ${runColumns(sql)} from retrain_runs where name = one.retraining order by started_at desc, id desc limit 1
      ) as last`,
  ]);
  return new Map(
    names.map((name) => [
      name,
      {
        champions: counts.find((one) => one.name === name)?.champions ?? 0,
        lastRun: runs.find((one) => one.name === name) ?? null,
      },
    ]),
  );
}
