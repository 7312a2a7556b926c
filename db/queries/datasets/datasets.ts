/** Imported datasets and their versions. */
import { notFound } from '../../../errors.ts';
import type { Queryable, Sql } from '../../client.ts';
import { holdTransaction } from '../../held-transactions.ts';
import type { datasetVersions } from '../../schema.ts';
import { HOLD_ARRAYS } from '../lifecycle/arrays.ts';

type Version = Readonly<typeof datasetVersions.$inferSelect>;
type VersionRow = Pick<Version, 'name' | 'version' | 'description' | 'importedAt'>;

export interface DatasetVersionRow extends VersionRow {
  /** Versions that this one extends, oldest first; empty where it was imported as a whole. */
  readonly ancestors: readonly Pick<VersionRow, 'version' | 'description'>[];
}

/** A version and its growth; the parent is null where it was imported as a whole. */
export interface VersionGrowth extends Pick<Version, 'version' | 'parent' | 'importedAt'> {
  /** Including those of all ancestors. */
  readonly rows: number;
  /** Rows that this version added; all rows where it was imported as a whole. */
  readonly added: number;
}

/** A version as a list shows it. */
export interface ListedVersion extends VersionGrowth {
  readonly name: string;
  readonly title: string;
  readonly targets: readonly string[];
}

/**
 * Inserts a version, or makes an existing one the newest. Returns whether it is new. The time is
 * that of the clock: transactions that wait for a lock began before others that they follow.
 */
export async function saveDatasetVersion(
  sql: Queryable,
  row: { name: string; version: string; description: unknown; appendedTo?: { root: string; parent: string; rows: number } },
): Promise<boolean> {
  const { root, parent, rows } = row.appendedTo ?? { root: null, parent: null, rows: null };
  // xmax is 0 in inserted rows only: importing old content again makes it the newest version.
  const [saved] = await sql<{ fresh: boolean }[]>`
    insert into dataset_versions (name, version, description, root, parent, rows, imported_at)
    values (${row.name}, ${row.version}, ${sql.json(row.description as never)}, ${root}, ${parent}, ${rows}, clock_timestamp())
    on conflict (name, version) do update set imported_at = excluded.imported_at returning xmax = 0 as fresh`;
  return saved?.fresh ?? false;
}

/** Finds 'water' (its newest version) or 'water@<4+ hex digits>'. Throws `dataset-missing`. */
export async function findDatasetVersion(sql: Queryable, reference: string): Promise<DatasetVersionRow> {
  const [name = '', version = ''] = reference.split('@');
  const rows = await sql<VersionRow[]>`
    with recursive lineage as (
      (select 0 as depth, v.* from dataset_versions v
       where name = ${name} and starts_with(version, ${version}) order by imported_at desc, version limit 1)
      union all
      select depth + 1, v.* from lineage l join dataset_versions v on v.name = l.name and v.version = l.parent
    )
    select name, version, description, imported_at as "importedAt" from lineage order by depth desc`;
  const own = rows.at(-1);
  if (own) return { ...own, ancestors: rows.slice(0, -1).map((row) => ({ version: row.version, description: row.description })) };
  const names = await sql<{ name: string }[]>`
    select case when name = ${name} then name || '@' || left(version, 12) else name end as name from dataset_versions
    group by 1 order by 1`;
  const known = names.map((row) => row.name);
  const fix =
    known.length > 0
      ? `known are: ${known.join(', ')}; or import a folder with "narrows data import DIR"`
      : 'import one with "narrows data import DIR"';
  throw notFound('dataset-missing', `there is no dataset "${reference}"`, 'dataset', fix);
}

/** Lists all versions by name, newest first. */
export const listDatasetVersions = (sql: Queryable) =>
  sql<ListedVersion[]>`
    select v.name, v.version, v.parent, coalesce(v.rows, (v.description ->> 'rows')::int) as rows, (v.description ->> 'rows')::int as added,
           first.description -> 'manifest' ->> 'title' as title,
           array(select jsonb_object_keys(first.description -> 'manifest' -> 'targets')) as targets, v.imported_at as "importedAt"
    from dataset_versions v
    join dataset_versions first on first.name = v.name and first.version = coalesce(v.root, v.version)
    order by v.name, v.imported_at desc, v.version`;

/**
 * Runs `work` under a lock on the dataset, so that each append sees the one before. What it writes
 * in the transaction is not written once the lock has been lost.
 */
export function withDatasetLock<T>(sql: Sql, dataset: string, work: (transaction: Queryable) => Promise<T>): Promise<T> {
  return holdTransaction(sql, async (transaction) => {
    await transaction`select pg_advisory_xact_lock(hashtext('dataset'), hashtext(${dataset}))`;
    await transaction.unsafe(HOLD_ARRAYS);
    return work(transaction);
  });
}
