/** Rows of sweeps as JSON that Postgres writes and reads: they come back as they were. */
import type { Queryable } from '../../client.ts';
import { hashesIn } from './arrays.ts';

/** Tables of a sweep in the order of their references, with the column of its id or its trials'. */
const SWEEP_TABLES = {
  sweeps: 'id',
  test_rows: 'sweep_id',
  writes: 'sweep_id',
  proposals: 'sweep_id',
  trials: 'sweep_id',
  covered_variances: 'trial_id',
  test_errors: 'trial_id',
  rung_scores: 'trial_id',
  latents: 'trial_id',
  components: 'trial_id',
  learning_curves: 'trial_id',
  checkpoints: 'sweep_id',
  models: 'sweep_id',
  baselines: 'sweep_id',
  baseline_errors: 'sweep_id',
  comparisons: 'sweep_id',
  interpretations: 'sweep_id',
  fields: 'sweep_id',
} as const;

export type SweepTable = keyof typeof SWEEP_TABLES;

export const ARCHIVED_TABLES = Object.keys(SWEEP_TABLES) as readonly SweepTable[];

export const isSweepTable = (name: string): name is SweepTable => Object.hasOwn(SWEEP_TABLES, name);

/** Returns the id that a row of a table has of its sweep, or of its trial. */
export const ownerOf = (table: SweepTable, row: Readonly<Record<string, unknown>>) =>
  ({ id: String(row[SWEEP_TABLES[table]] ?? ''), isTrial: SWEEP_TABLES[table] === 'trial_id' }) as const;

/** Streams the rows of a table about a sweep, as text, in blocks. */
export function streamRows(sql: Queryable, table: SweepTable, sweepId: string): AsyncIterable<{ row: string }[]> {
  const key = SWEEP_TABLES[table];
  const own =
    key === 'trial_id' ? sql`d.trial_id in (select id from trials where sweep_id = ${sweepId})` : sql`d.${sql(key)} = ${sweepId}`;
  return sql<{ row: string }[]>`select row_to_json(d)::text as row from ${sql(table)} d where ${own}`.cursor(64);
}

/** Returns the rows of a dataset version and its ancestors, oldest first. */
export const listVersionRows = (sql: Queryable, name: string, version: string) =>
  sql<{ row: string }[]>`
    with recursive lineage as (
      select 0 as depth, v.name, v.version, v.parent from dataset_versions v where name = ${name} and version = ${version}
      union all
      select depth + 1, v.name, v.version, v.parent from lineage l join dataset_versions v on v.name = l.name and v.version = l.parent
    )
    select row_to_json(v)::text as row from lineage l join dataset_versions v using (name, version) order by l.depth desc`;

/** Lists the arrays that these versions refer to, with those of their ancestors. */
export const listArraysOf = (sql: Queryable, versions: readonly { readonly name: string; readonly version: string }[]) =>
  sql<{ sha256: string; bytes: number }[]>`
    with recursive lineage as (
      select v.* from jsonb_to_recordset(${sql.json(versions as never)}) as w (name text, version text) join dataset_versions v using (name, version)
      union
      select v.* from lineage l join dataset_versions v on v.name = l.name and v.version = l.parent
    )
    select b.sha256, b.bytes::float8 as bytes from blobs b where b.sha256 in (
      select hash #>> '{}' from lineage, ${hashesIn(sql)} as hash
    ) order by b.sha256`;

/** Inserts rows; those of versions that exist already are left out. */
export async function insertRows(
  sql: Queryable,
  table: SweepTable | 'dataset_versions',
  rows: readonly Readonly<Record<string, unknown>>[],
): Promise<number> {
  const named = table === 'trials' ? rows.map(withWriteId) : rows;
  const columns = sql(Object.keys(named[0] ?? {}));
  const { count } = await sql`
    insert into ${sql(table)} (${columns}) select ${columns} from jsonb_populate_recordset(null::${sql(table)}, ${sql.json(named as never)})
    ${table === 'dataset_versions' ? sql`on conflict do nothing` : sql``}`;
  return count;
}

/** Trials in archives from before writes had ids have the revision of their write. */
const withWriteId = ({ revision, ...row }: Readonly<Record<string, unknown>>) =>
  revision === undefined ? row : { ...row, write_id: revision };

/**
 * Records the writes of sweeps that have trials and none. Their ids are their revisions; 0, from
 * before there were any, becomes the next one.
 */
export async function completeWrites(sql: Queryable, sweepIds: readonly string[]): Promise<void> {
  await sql`
    update sweeps set revision = revision + 1 where id = any(${[...sweepIds]}::text[])
      and exists (select from trials t where t.sweep_id = sweeps.id and t.write_id = 0)
      and not exists (select from writes w where w.sweep_id = sweeps.id)`;
  await sql`
    insert into writes (sweep_id, write_id, revision, written_at, ended, engine, engine_build, host)
    select t.sweep_id, t.write_id, case t.write_id when 0 then s.revision else t.write_id end, max(t.finished_at), count(*) filter (where t.outcome <> 'rung'),
           min(t.engine), min(t.engine_build), min(t.host)
    from trials t join sweeps s on s.id = t.sweep_id where t.sweep_id = any(${[...sweepIds]}::text[])
      and not exists (select from writes w where w.sweep_id = t.sweep_id)
    group by t.sweep_id, t.write_id, s.revision`;
}

/** Makes sweeps those of this database, whose name their workflows have when they are retried. */
export async function takeOver(sql: Queryable, sweepIds: readonly string[]): Promise<void> {
  await sql`update sweeps set identity = (select identity from installation) where id = any(${[...sweepIds]}::text[])`;
}
