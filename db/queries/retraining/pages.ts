/** Retrainings as pages ask for them: runs, shards and events newest first and page by page, and what is drawn over data versions. */
import type { ChallengeRecord, DriftRecord } from '../../../models/drift/record.ts';
import type { Queryable } from '../../client.ts';
import type { RetrainOutcome } from '../../enums.ts';
import { type EventRow, eventColumns, type MessageRow, messageColumns } from './notifications.ts';
import { type RetrainRunRow, runColumns, type ShardRow, shardColumns } from './retrainings.ts';

/** Where a row stands in a list: its moment with microseconds, as Postgres writes it, and what tells rows of one moment apart. */
export interface Cursor {
  readonly at: string;
  readonly id: string;
}

export interface PageRequest {
  readonly name: string;
  readonly limit: number;
  /** The row before the page; null on the first one. */
  readonly after: Cursor | null;
}

export interface RowPage<Row> {
  readonly rows: readonly Row[];
  readonly matched: number;
  readonly total: number;
  readonly next: Cursor | null;
}

interface WithCursor {
  readonly place: string;
  readonly placeId: string;
}

function toPage<Row>(found: readonly (Row & WithCursor)[], limit: number, matched: number, total: number): RowPage<Row> {
  const rows = found.slice(0, limit);
  const last = rows.at(-1);
  return {
    rows: rows.map(({ place: _, placeId: __, ...row }) => row as Row),
    matched,
    total,
    next: found.length > limit && last ? { at: last.place, id: last.placeId } : null,
  };
}

/** Runs with one of these outcomes; null: with any. */
export async function listRunPage(
  sql: Queryable,
  { name, limit, after, outcomes }: PageRequest & { readonly outcomes: readonly RetrainOutcome[] | null },
): Promise<RowPage<RetrainRunRow>> {
  const fits = outcomes === null ? sql`true` : sql`outcome = any(${[...outcomes]}::text[])`;
  const [rows, [counts]] = await Promise.all([
    sql<(RetrainRunRow & WithCursor)[]>`
      select ${runColumns(sql)}, started_at::text as place, id as "placeId" from retrain_runs
      where name = ${name} and ${fits}
        and ${after === null ? sql`true` : sql`(started_at, id) < (${after.at}::text::timestamptz, ${after.id})`}
      order by started_at desc, id desc limit ${limit + 1}`,
    sql<{ matched: number; total: number }[]>`
      select (count(*) filter (where ${fits}))::int as matched, count(*)::int as total from retrain_runs where name = ${name}`,
  ]);
  return toPage(rows, limit, counts?.matched ?? 0, counts?.total ?? 0);
}

export async function listShardPage(sql: Queryable, { name, limit, after }: PageRequest): Promise<RowPage<ShardRow>> {
  // A folder may be seen with several contents at one moment only if one run says so of both.
  const id = sql`folder || ' ' || content`;
  const [rows, [counts]] = await Promise.all([
    sql<(ShardRow & WithCursor)[]>`
      select ${shardColumns(sql)}, seen_at::text as place, ${id} as "placeId" from shards
      where name = ${name} and ${after === null ? sql`true` : sql`(seen_at, ${id}) < (${after.at}::text::timestamptz, ${after.id})`}
      order by seen_at desc, ${id} desc limit ${limit + 1}`,
    sql<{ total: number }[]>`select count(*)::int as total from shards where name = ${name}`,
  ]);
  return toPage(rows, limit, counts?.total ?? 0, counts?.total ?? 0);
}

export async function listEventPage(sql: Queryable, { name, limit, after }: PageRequest): Promise<RowPage<EventRow>> {
  const [rows, [counts]] = await Promise.all([
    sql<(EventRow & WithCursor)[]>`
      select ${eventColumns(sql)}, at::text as place, id::text as "placeId" from events
      where name = ${name} and ${after === null ? sql`true` : sql`(at, id) < (${after.at}::text::timestamptz, ${after.id}::text::uuid)`}
      order by at desc, id desc limit ${limit + 1}`,
    sql<{ total: number }[]>`select count(*)::int as total from events where name = ${name}`,
  ]);
  return toPage(rows, limit, counts?.total ?? 0, counts?.total ?? 0);
}

/** How far the messages of these events have come. */
export async function listMessagesOfEvents(sql: Queryable, eventIds: readonly string[]): Promise<MessageRow[]> {
  return sql<MessageRow[]>`
    select ${messageColumns(sql)} from messages where event_id = any(${[...eventIds]}::text[]::uuid[]) order by event_id, channel`;
}

/** A run that dealt with its data to the end. */
export interface ConcludedRun {
  readonly id: string;
  readonly outcome: 'first' | 'kept' | 'promoted';
  readonly toVersion: string;
  readonly finishedAt: Date;
  readonly verdict: DriftRecord['verdict'] | null;
  readonly challenges: readonly ChallengeRecord[] | null;
}

/** Oldest first. */
export async function listConcludedRuns(sql: Queryable, name: string): Promise<ConcludedRun[]> {
  return sql<ConcludedRun[]>`
    select id, outcome, to_version as "toVersion", finished_at as "finishedAt", drift ->> 'verdict' as verdict, challenges
    from retrain_runs
    where name = ${name} and outcome in ('first', 'kept', 'promoted') and to_version is not null
    order by finished_at, id`;
}

/** Covered variance on the test rows of the trials' own versions, by `trial k`. */
export async function loadTestScores(
  sql: Queryable,
  cells: readonly { readonly trialId: string; readonly k: number }[],
): Promise<ReadonlyMap<string, number>> {
  const rows = await sql<{ trialId: string; k: number; figure: number }[]>`
    select trial_id as "trialId", k, covered_variance as figure from covered_variances
    where split = 'test' and trial_id = any(${[...new Set(cells.map(({ trialId }) => trialId))]}::text[])`;
  return new Map(rows.map(({ trialId, k, figure }) => [scoreKey(trialId, k), figure]));
}

export const scoreKey = (trialId: string, k: number): string => `${trialId} ${k}`;

/** A version of a dataset and how it grew. */
export interface VersionGrowth {
  readonly version: string;
  readonly parent: string | null;
  readonly rows: number;
  /** Rows that came with it. */
  readonly added: number;
  readonly importedAt: Date;
}

const versionColumns = (sql: Queryable) => sql`
  version, parent, coalesce(rows, (description ->> 'rows')::int, 0) as rows, coalesce((description ->> 'rows')::int, 0) as added,
  imported_at as "importedAt"`;

/** Of one dataset, oldest first; `only`: these. */
export async function listVersionGrowth(
  sql: Queryable,
  dataset: string,
  only: readonly string[] | null = null,
): Promise<VersionGrowth[]> {
  return sql<VersionGrowth[]>`
    select ${versionColumns(sql)} from dataset_versions
    where name = ${dataset} and ${only === null ? sql`true` : sql`version = any(${[...only]}::text[])`}
    order by imported_at, version`;
}

/** The newest version of each of these datasets. */
export async function findNewestVersions(
  sql: Queryable,
  datasets: readonly string[],
): Promise<ReadonlyMap<string, VersionGrowth>> {
  const rows = await sql<(VersionGrowth & { name: string })[]>`
    select distinct on (name) name, ${versionColumns(sql)} from dataset_versions
    where name = any(${[...new Set(datasets)]}::text[]) order by name, imported_at desc, version`;
  return new Map(rows.map(({ name, ...version }) => [name, version]));
}

/** These versions and all that they were appended to, oldest first. */
export async function listVersionsWithAncestors(
  sql: Queryable,
  dataset: string,
  versions: readonly string[],
): Promise<VersionGrowth[]> {
  return sql<VersionGrowth[]>`
    with recursive chain as (
      select version, parent from dataset_versions where name = ${dataset} and version = any(${[...versions]}::text[])
      union
      select v.version, v.parent from chain c join dataset_versions v on v.name = ${dataset} and v.version = c.parent
    )
    select ${versionColumns(sql)} from dataset_versions
    where name = ${dataset} and version in (select version from chain) order by imported_at, version`;
}

/** The runs that these champions came from. */
export async function findRunsById(sql: Queryable, ids: readonly string[]): Promise<RetrainRunRow[]> {
  return sql<RetrainRunRow[]>`
    select ${runColumns(sql)} from retrain_runs where id = any(${[...ids]}::text[]) order by started_at, id`;
}

/** How many champions are in use, and the newest run, of each of these retrainings. */
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
