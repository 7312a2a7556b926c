/** Questions about sweeps. */
import { EXIT, NarrowsError } from '../../infra/errors.ts';
import type { SweepSpec } from '../../search/spec.ts';
import type { Sql } from '../client.ts';

export type SweepState = 'running' | 'paused' | 'completed' | 'partial' | 'failed' | 'cancelled';

export interface SweepRow {
  readonly id: string;
  readonly name: string;
  readonly spec: SweepSpec;
  readonly dataset: string;
  readonly datasetVersion: string;
  readonly target: string;
  readonly state: SweepState;
  readonly message: string | null;
  readonly planned: number;
  readonly packSizes: readonly number[];
  readonly codeVersion: string;
  readonly startedAt: Date;
  readonly finishedAt: Date | null;
}

export interface NewSweep {
  readonly id: string;
  readonly name: string;
  readonly spec: SweepSpec;
  readonly dataset: string;
  readonly datasetVersion: string;
  readonly target: string;
  readonly planned: number;
  readonly packSizes: readonly number[];
  readonly codeVersion: string;
}

/** A second call with the same id changes nothing. */
export async function createSweep(sql: Sql, sweep: NewSweep): Promise<void> {
  await sql`
    insert into sweeps (id, name, spec, dataset, dataset_version, target, state, planned, pack_sizes, code_version)
    values (${sweep.id}, ${sweep.name}, ${sql.json(sweep.spec as never)}, ${sweep.dataset}, ${sweep.datasetVersion}, ${sweep.target},
            'running', ${sweep.planned}, ${sql.array([...sweep.packSizes], 1007)}, ${sweep.codeVersion})
    on conflict (id) do nothing`;
}

const columns = (sql: Sql) => sql`
  id, name, spec, dataset, dataset_version as "datasetVersion", target, state, message, planned, pack_sizes as "packSizes",
  code_version as "codeVersion", started_at as "startedAt", finished_at as "finishedAt"`;

/** By id, or the newest of that name. Throws NarrowsError `sweep-unknown`. */
export async function findSweep(sql: Sql, idOrName: string): Promise<SweepRow> {
  const [row] = await sql<SweepRow[]>`
    select ${columns(sql)} from sweeps where id = ${idOrName} or name = ${idOrName}
    order by (id = ${idOrName}) desc, started_at desc limit 1`;
  if (row) return row;
  throw new NarrowsError('sweep-unknown', `there is no sweep "${idOrName}"`, {
    path: 'sweep',
    fix: 'see "narrows sweep ls"',
    exit: EXIT.notFound,
  });
}

/** Newest first. */
export async function listSweeps(sql: Sql): Promise<SweepRow[]> {
  return sql<SweepRow[]>`select ${columns(sql)} from sweeps order by started_at desc, id`;
}

/** A sweep that ended gets its time of finishing; one that runs again loses it. */
export async function setSweepState(sql: Sql, id: string, state: SweepState, message: string | null = null): Promise<void> {
  const ended = state !== 'running' && state !== 'paused';
  await sql`
    update sweeps set state = ${state}, message = ${message}, finished_at = case when ${ended} then coalesce(finished_at, now()) end
    where id = ${id}`;
  await sql`select pg_notify('narrows_sweep', ${id})`;
}

/** Outcomes of a sweep's trials, by method. Trials between rungs count as 'rung'. */
export interface MethodCounts {
  readonly method: string;
  readonly completed: number;
  readonly pruned: number;
  readonly diverged: number;
  readonly failed: number;
  readonly rung: number;
}

export async function countOutcomes(sql: Sql, sweepId: string): Promise<MethodCounts[]> {
  return sql<MethodCounts[]>`
    select method, ${sql.unsafe(['completed', 'pruned', 'diverged', 'failed', 'rung'].map((outcome) => `(count(*) filter (where outcome = '${outcome}'))::int as ${outcome}`).join(', '))}
    from trials where sweep_id = ${sweepId} group by method order by method`;
}
