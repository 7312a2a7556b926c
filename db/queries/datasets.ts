/** Questions about imported datasets. */
import { EXIT, NarrowsError } from '../../infra/errors.ts';
import type { Queryable } from '../client.ts';

export interface DatasetVersionRow {
  readonly name: string;
  /** 64 hexadecimal characters. */
  readonly version: string;
  /** As written by the importer (datasets/description.ts). */
  readonly description: unknown;
  readonly importedAt: Date;
}

/** Makes the version the newest of its name; returns whether it is new. */
export async function saveDatasetVersion(
  sql: Queryable,
  row: { name: string; version: string; description: unknown },
): Promise<boolean> {
  // xmax is 0 in a row that was inserted, not updated: importing old content again makes it the newest version of its name.
  const [saved] = await sql<{ fresh: boolean }[]>`
    insert into dataset_versions (name, version, description)
    values (${row.name}, ${row.version}, ${sql.json(row.description as never)})
    on conflict (name, version) do update set imported_at = now() returning xmax = 0 as fresh`;
  return saved?.fresh ?? false;
}

/** 'water' (its newest version) or 'water@<at least 4 hexadecimal characters>'. Throws NarrowsError `dataset-missing`. */
export async function findDatasetVersion(sql: Queryable, reference: string): Promise<DatasetVersionRow> {
  const [name = '', version = ''] = reference.split('@');
  const rows = await sql<DatasetVersionRow[]>`
    select name, version, description, imported_at as "importedAt" from dataset_versions
    where name = ${name} and starts_with(version, ${version})
    order by imported_at desc, version limit 1`;
  if (rows[0]) return rows[0];
  const names = await sql<{ name: string }[]>`
    select case when name = ${name} then name || '@' || left(version, 12) else name end as name from dataset_versions
    group by 1 order by 1`;
  const known = names.map((row) => row.name);
  throw new NarrowsError('dataset-missing', `there is no dataset "${reference}"`, {
    path: 'dataset',
    fix:
      known.length > 0
        ? `known are: ${known.join(', ')}; or import a folder with "narrows data import DIR"`
        : 'import one with "narrows data import DIR"',
    exit: EXIT.notFound,
  });
}

/** All versions, newest first within a name. */
export async function listDatasetVersions(sql: Queryable): Promise<DatasetVersionRow[]> {
  return sql<DatasetVersionRow[]>`
    select name, version, description, imported_at as "importedAt" from dataset_versions order by name, imported_at desc, version`;
}
