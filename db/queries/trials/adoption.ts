/** Trials of a sweep that another one, which extends it, has as well: copied with their results. */
import type { Method } from '../../../models/methods/catalogue.ts';
import { type Trial, trialId } from '../../../search/space.ts';
import type { Queryable, Sql } from '../../client.ts';
import { recordset } from '../../recordset.ts';
import { reviseSweep } from '../sweeps/revision.ts';

/** Tables of results with a row or several for each trial. */
const RESULT_TABLES = ['covered_variances', 'test_errors', 'latents', 'components', 'learning_curves', 'models'] as const;

/** Tables of the emulators of ECA, which have the seed and the configuration of a trial. */
const EMULATOR_TABLES = ['baselines', 'baseline_errors'] as const;

/** A sweep, and the one that it extends. */
export interface Extending {
  readonly sweepId: string;
  readonly parentId: string;
}

/** Trials with a result that training them again would repeat. */
const isAdoptable = (sql: Queryable) => sql`t.outcome in ('completed', 'diverged')`;

/** A trial's id and number, and the id of the same trial in the sweep that is extended. */
interface Twin {
  readonly id: string;
  readonly index: number;
  readonly source: string;
}

/**
 * Copies the results of those of these trials that the extended sweep has completed, or found to
 * diverge, of the same configuration, seed, partition and dataset version; with their provenance.
 * Trials that have a row are left as they are. Returns the numbers of the copied trials.
 */
export async function adoptTrials(sql: Sql, { sweepId, parentId }: Extending, trials: readonly Trial[]): Promise<number[]> {
  let adopted: readonly Twin[] = [];
  await reviseSweep(sql, sweepId, async (transaction, writeId) => {
    adopted = await copyTrials(
      transaction,
      { sweepId, parentId },
      await findTwins(transaction, { sweepId, parentId }, trials),
      writeId,
    );
    if (adopted.length === 0) return 'nothing';
    await copyResults(transaction, sweepId, adopted);
    await copyEmulators(transaction, { sweepId, parentId }, adopted);
    return { ended: adopted.length, engine: null, engineBuild: null, host: null, coreSeconds: null };
  });
  return adopted.map(({ index }) => index);
}

const findTwins = (sql: Queryable, { sweepId, parentId }: Extending, trials: readonly Trial[]) => {
  const wanted = trials.map(({ index, configurationHash, seed, partition }) => ({
    ...{ id: trialId(sweepId, index), index, configuration_hash: configurationHash, seed, partition },
  }));
  return sql<Twin[]>`
    select w.id, w.index, t.id as source from ${recordset(sql, 'trials', wanted)} w
    join trials t using (configuration_hash, seed, partition)
    join sweeps p on p.id = t.sweep_id and p.removed_at is null
    join sweeps s on s.id = ${sweepId} and s.dataset_version = t.dataset_version
    where t.sweep_id = ${parentId} and ${isAdoptable(sql)} order by w.index`;
};

const twinsOf = (sql: Queryable, twins: readonly Twin[]) => sql`
  unnest(${twins.map(({ id }) => id)}::text[], ${twins.map(({ index }) => index)}::int[], ${twins.map(({ source }) => source)}::text[])
    as w (id, index, source)`;

/** Copies rows of trials. Returns those that had none. */
async function copyTrials(sql: Queryable, { sweepId }: Extending, twins: readonly Twin[], writeId: number): Promise<Twin[]> {
  if (twins.length === 0) return [];
  const copied = await sql<{ id: string }[]>`
    insert into trials select r.* from ${twinsOf(sql, twins)} join trials t on t.id = w.source
    cross join lateral jsonb_populate_record(t, jsonb_build_object('id', w.id, 'sweep_id', ${sweepId}::text, 'index', w.index, 'write_id', ${writeId}::bigint)) r
    order by w.index on conflict do nothing returning id`;
  const ids = new Set(copied.map(({ id }) => id));
  return twins.filter(({ id }) => ids.has(id));
}

/** Tables without a column of the sweep ignore it. */
async function copyResults(sql: Queryable, sweepId: string, twins: readonly Twin[]): Promise<void> {
  for (const table of RESULT_TABLES) {
    await sql`
      insert into ${sql(table)} select r.* from ${twinsOf(sql, twins)} join ${sql(table)} t on t.trial_id = w.source
      cross join lateral jsonb_populate_record(t, jsonb_build_object('trial_id', w.id, 'sweep_id', ${sweepId}::text)) r`;
  }
}

async function copyEmulators(sql: Queryable, { sweepId, parentId }: Extending, twins: readonly Twin[]): Promise<void> {
  for (const table of EMULATOR_TABLES) {
    await sql`
      insert into ${sql(table)} select r.* from ${twinsOf(sql, twins)} join trials t on t.id = w.source
      join ${sql(table)} b on b.sweep_id = ${parentId} and b.configuration_hash = t.configuration_hash and b.seed = t.seed
        and b.partition = t.partition
      cross join lateral jsonb_populate_record(b, jsonb_build_object('sweep_id', ${sweepId}::text)) r
      on conflict do nothing`;
  }
}

/** Whether two sweeps have results of the same training: copies keep the time of its start. */
export async function haveCommonTrials(sql: Queryable, sweepId: string, otherId: string): Promise<boolean> {
  const [row] = await sql<[{ found: boolean }]>`
    select exists (
      select from trials t join trials o using (configuration_hash, seed, partition, started_at)
      where t.sweep_id = ${sweepId} and o.sweep_id = ${otherId} and ${isAdoptable(sql)}
    ) as found`;
  return row.found;
}

/** Counts the trials of some cells that an extension of a sweep would copy, by method. */
export const countAdoptable = (sql: Queryable, sweepId: string, cells: readonly string[]) =>
  sql<{ method: Method; trials: number }[]>`
    select t.method, count(*)::int as trials from trials t
    where t.sweep_id = ${sweepId} and ${isAdoptable(sql)} and t.cell = any(${[...cells]}::text[]) group by t.method order by t.method`;
