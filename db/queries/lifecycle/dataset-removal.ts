/** Removal of dataset versions, and what needs them. */
import type { Queryable, Sql } from '../../client.ts';
import { withDatasetLock } from '../datasets/datasets.ts';

export interface VersionUse {
  readonly version: string;
  /** `retraining`: its newest data, or data that a run of it has read. */
  readonly kind: 'sweep' | 'appended' | 'retraining';
  /** Name of the sweep or retraining; version that was appended to it. */
  readonly name: string;
}

/** Lists what needs these versions of a dataset, other than versions among them. */
export const listVersionUses = (sql: Queryable, name: string, versions: readonly string[]) =>
  sql<VersionUse[]>`
    with wanted as (select unnest(${[...versions]}::text[]) as version)
    select s.dataset_version as version, 'sweep' as kind, s.name from sweeps s
    where s.dataset = ${name} and s.removed_at is null and s.dataset_version in (select version from wanted)
    union
    select d.parent, 'appended', d.version from dataset_versions d
    where d.name = ${name} and d.parent in (select version from wanted) and d.version not in (select version from wanted)
    union
    select w.version, 'retraining', r.name from retrainings r cross join wanted w
    where r.dataset = ${name} and r.removed_at is null and (
      w.version = (select version from dataset_versions where name = ${name} order by imported_at desc, version limit 1)
      or exists (select from retrain_runs run where run.name = r.name and w.version in (run.from_version, run.to_version))
      or exists (select from shards where shards.name = r.name and shards.version = w.version))
    order by 1, 2, 3`;

/** Lists the versions of a dataset, newest first, whose hash begins so. */
export async function listVersions(sql: Queryable, name: string, prefix: string): Promise<string[]> {
  const rows = await sql<{ version: string }[]>`
    select version from dataset_versions where name = ${name} and starts_with(version, ${prefix}) order by imported_at desc, version`;
  return rows.map(({ version }) => version);
}

/**
 * Deletes versions, all or none, and returns what needs them: nothing is deleted where something
 * does. A sweep or an append that begins meanwhile waits, and fails where it is too late.
 */
export async function deleteVersions(sql: Sql, name: string, versions: readonly string[]): Promise<readonly VersionUse[]> {
  return withDatasetLock(sql, name, async (transaction) => {
    await transaction`select from dataset_versions where name = ${name} and version = any(${[...versions]}::text[]) for update`;
    const uses = await listVersionUses(transaction, name, versions);
    if (uses.length === 0)
      await transaction`delete from dataset_versions where name = ${name} and version = any(${[...versions]}::text[])`;
    return uses;
  });
}
