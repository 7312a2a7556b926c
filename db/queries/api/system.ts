/** Facts about the database and the engines in use. */
import type { Queryable } from '../../client.ts';
import type { TrialRow } from '../../schema.ts';

export async function readDatabaseFacts(sql: Queryable) {
  const [row] = await sql<[{ readonly version: string; readonly bytes: number; readonly trials: number }]>`
    select current_setting('server_version') as version, pg_database_size(current_database())::float8 as bytes,
           (select count(*)::int from trials) as trials`;
  return row;
}

interface EngineUse extends Pick<TrialRow, 'engine' | 'host'> {
  readonly build: string;
  readonly trials: number;
  readonly lastTrial: Date;
}

/** Lists the engines that trained trials of sweeps within the last week, newest first. */
export const listRecentEngines = (sql: Queryable) =>
  sql<EngineUse[]>`
    select t.engine, t.engine_build as build, t.host, count(*)::int as trials, max(t.finished_at) as "lastTrial"
    from trials t join sweeps s on s.id = t.sweep_id
    where (s.finished_at is null or s.finished_at > now() - interval '7 days') and t.finished_at > now() - interval '7 days'
    group by t.engine, t.engine_build, t.host order by max(t.finished_at) desc, t.engine, t.engine_build, t.host`;
