/** Uses of sweeps: a sweep is kept as long as something needs it. */
import { notFound } from '../../../errors.ts';
import type { Queryable } from '../../client.ts';

export interface SweepUse {
  readonly sweepId: string;
  /**
   * `champion`: a model of it is or was one; `warm-start`: trials of another sweep start from its
   * models; `extension`: an unfinished sweep takes over its trials; `retraining`: a run is at work
   * with it, or future ones start from its models.
   */
  readonly kind: 'champion' | 'warm-start' | 'extension' | 'retraining';
  /** Name of the retraining, or of the other sweep. */
  readonly name: string;
  /** Id of the other sweep; null for retrainings. */
  readonly by: string | null;
}

/** Id of the sweep that a trial belongs to, as sweepOfTrial has it. */
const sweepOf = (sql: Queryable) => sql`regexp_replace(warm.trial, '-[0-9]+$', '')`;

/** Lists what needs these sweeps, by sweep. */
export const listSweepUses = (sql: Queryable, ids: readonly string[]) =>
  sql<SweepUse[]>`
    with wanted as (select unnest(${[...ids]}::text[]) as id)
    select c.sweep_id as "sweepId", 'champion' as kind, c.name, null as by
    from champions c where c.sweep_id in (select id from wanted)
    union
    select ${sweepOf(sql)}, 'warm-start', s.name, s.id
    from sweeps s cross join lateral jsonb_each_text(s.spec -> 'warm') as warm (cell, trial)
    where s.removed_at is null and ${sweepOf(sql)} in (select id from wanted)
    union
    select s.spec ->> 'extends', 'extension', s.name, s.id
    from sweeps s where s.removed_at is null and s.state in ('running', 'paused') and s.spec ->> 'extends' in (select id from wanted)
    union
    select run.sweep, 'retraining', r.name, null
    from retrain_runs r cross join lateral unnest(r.sweep_ids) as run (sweep)
    where r.outcome = 'running' and run.sweep in (select id from wanted)
    union
    select ${sweepOf(sql)}, 'retraining', r.name, null
    from retrainings r cross join lateral jsonb_each_text(r.spec -> 'warm') as warm (cell, trial)
    where r.removed_at is null and ${sweepOf(sql)} in (select id from wanted)
    order by 1, 2, 3, 4`;

/**
 * Selects the trials of a sweep whose models something needs: they are or were champions, or trials
 * of other sweeps or of runs of a retraining start from them.
 */
export const selectUsedTrials = (sql: Queryable, sweepId: string) => sql`
    select trial_id from champions where sweep_id = ${sweepId}
    union
    select warm.trial from sweeps s cross join lateral jsonb_each_text(s.spec -> 'warm') as warm (cell, trial)
    where s.removed_at is null and ${sweepOf(sql)} = ${sweepId}
    union
    select warm.trial from retrainings r cross join lateral jsonb_each_text(r.spec -> 'warm') as warm (cell, trial)
    where r.removed_at is null and ${sweepOf(sql)} = ${sweepId}`;

/**
 * Holds sweeps against their removal until the transaction ends, as something is about to need
 * them. Throws NarrowsError `sweep-removed` where one does not exist.
 */
export async function holdSweeps(sql: Queryable, ids: readonly string[]): Promise<void> {
  const held = await sql<{ id: string }[]>`
    select id from sweeps where id = any(${[...ids]}::text[]) and removed_at is null order by id for key share`;
  const missing = ids.find((id) => !held.some((row) => row.id === id));
  if (missing === undefined) return;
  throw notFound('sweep-removed', `the sweep "${missing}" was removed`, 'sweep', 'see "narrows sweep ls" for those that exist');
}
