/** Datasets for lists, without the large parts of their descriptions. */
import type { Queryable } from '../../client.ts';
import type { ListedVersion } from './datasets.ts';

export interface ListedDataset extends Omit<ListedVersion, 'targets'> {
  readonly newest: boolean;
  readonly descriptors: number;
  readonly varying: number;
  readonly groups: number | null;
  readonly targets: readonly { readonly name: string; readonly columns: number; readonly unit: string | null }[];
  readonly sweeps: number;
}

/** Lists all versions, newest first, or one version. */
export async function listDatasets(
  sql: Queryable,
  only: { readonly name: string; readonly version: string } | null = null,
): Promise<ListedDataset[]> {
  return sql<ListedDataset[]>`
    select d.name, d.version, d.parent, d.imported_at = max(d.imported_at) over (partition by d.name) as newest, d.imported_at as "importedAt",
           coalesce(first.description #>> '{manifest,title}', '') as title,
           coalesce(d.rows, (d.description ->> 'rows')::int, 0) as rows, coalesce((d.description ->> 'rows')::int, 0) as added,
           coalesce((d.description #>> '{x,columns}')::int, 0) as descriptors, coalesce((d.description ->> 'varying')::int, 0) as varying,
           (d.description #>> '{groups,count}')::int as groups,
           coalesce((
             select jsonb_agg(jsonb_build_object('name', t.key, 'columns', (t.value #>> '{y,columns}')::int,
                                                 'unit', first.description #>> array['manifest', 'targets', t.key, 'unit']) order by t.key)
             from jsonb_each(d.description -> 'targets') as t
           ), '[]') as targets,
           (select count(*)::int from sweeps s where s.dataset = d.name and s.dataset_version = d.version and s.removed_at is null) as sweeps
    from dataset_versions d
    join dataset_versions first on first.name = d.name and first.version = coalesce(d.root, d.version)
    ${only === null ? sql`` : sql`where d.name = ${only.name}`}
    order by d.imported_at desc, d.name, d.version`.then((rows) =>
    only === null ? rows : rows.filter(({ version }) => version === only.version),
  );
}
