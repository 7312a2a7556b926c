/** Pages of the list of sweeps, newest first, and statistics for its rows. */
import type { Queryable } from '../../client.ts';
import { type BestTrial, findBestTrials } from '../trials/models.ts';
import { type SweepRow, sweepColumns } from './sweeps.ts';

export interface SweepListRequest {
  readonly state: string | null;
  /** Part of a name or id. */
  readonly search: string | null;
  /** `name`, or `name@` with a prefix of a version. */
  readonly dataset: string | null;
  readonly limit: number;
  /** Last sweep of the page before; null for the first page. */
  readonly after: SweepCursor | null;
}

/** Position in the list; `startedAt` is Postgres' text with microseconds. */
export interface SweepCursor {
  readonly startedAt: string;
  readonly id: string;
}

export interface SweepList {
  readonly sweeps: readonly SweepRow[];
  readonly matched: number;
  readonly total: number;
  readonly next: SweepCursor | null;
  /** Changes with everything that the list may show. */
  readonly state: string;
}

/** Returns a page of sweeps by descending start time, then id. */
export async function listSweepPage(sql: Queryable, request: SweepListRequest): Promise<SweepList> {
  const { state, search, dataset, limit, after } = request;
  const [name = '', version = ''] = dataset?.split('@') ?? [];
  const fits = sql`
    removed_at is null and ${state === null ? sql`true` : sql`state = ${state}`}
    and ${search === null ? sql`true` : sql`position(lower(${search}) in lower(concat_ws(' ', name, id, dataset, target))) > 0`}
    and ${dataset === null ? sql`true` : sql`dataset = ${name} and starts_with(dataset_version, ${version})`}`;
  // Casts to text: a Date of the driver has no microseconds.
  const [rows, [counts]] = await Promise.all([
    sql<(SweepRow & { place: string })[]>`
      select ${sweepColumns(sql)}, started_at::text as place from sweeps
      where ${fits} and ${after === null ? sql`true` : sql`(started_at, id) < (${after.startedAt}::text::timestamptz, ${after.id})`}
      order by started_at desc, id desc limit ${limit + 1}`,
    sql<{ matched: number; total: number; state: string }[]>`
      select (count(*) filter (where ${fits}))::int as matched, count(*)::int as total,
             coalesce(sum(revision), 0) || '-' || count(*) || '-' || coalesce(max(started_at)::text, '') as state
      from sweeps where removed_at is null`,
  ]);
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return {
    sweeps: page,
    matched: counts?.matched ?? 0,
    total: counts?.total ?? 0,
    next: rows.length > limit && last ? { startedAt: last.place, id: last.id } : null,
    state: counts?.state ?? '',
  };
}

export interface SweepStatistics {
  /** Best trial on validation of each method, over all widths or ranks. */
  readonly best: readonly BestTrial[];
  /** Number of trials that ended in each of PACE_BINS equal intervals. */
  readonly pace: readonly number[];
}

const PACE_BINS = 24;

/** Finds a sweep's best trials, and counts by time. `until` is the end of the last interval. */
export async function computeSweepStatistics(
  sql: Queryable,
  { id, spec, startedAt }: SweepRow,
  until: Date,
): Promise<SweepStatistics> {
  const cells = spec.methods.flatMap((method) => spec.space.k.map((k) => ({ method, k })));
  const from = startedAt.getTime() / 1000;
  const to = Math.max(from + 0.001, until.getTime() / 1000);
  const [spans, best] = await Promise.all([
    // Writes are a hundredth of the trials, whose rows are wide.
    sql<{ span: number; ended: number }[]>`
      select width_bucket(extract(epoch from written_at)::float8, ${from}::float8, ${to}::float8, ${PACE_BINS}) as span,
             sum(ended)::int as ended
      from writes where sweep_id = ${id} group by 1`,
    findBestTrials(sql, id, cells),
  ]);
  const pace = new Array<number>(PACE_BINS).fill(0);
  for (const { span, ended } of spans) {
    // The end itself, and clocks that are ahead, count in the last interval.
    const place = Math.min(PACE_BINS, Math.max(1, span)) - 1;
    pace[place] = (pace[place] as number) + ended;
  }
  const top = spec.methods.flatMap((method) => {
    const own = best.filter((one) => one.method === method);
    return own.length === 0 ? [] : [own.reduce((a, b) => (b.validation > a.validation ? b : a))];
  });
  return { best: top, pace };
}
