/** Facts about the database and the engines in use. */
import type { Queryable } from '../../client.ts';

export interface DatabaseFacts {
  readonly version: string;
  readonly bytes: number;
  readonly trials: number;
}

export async function readDatabaseFacts(sql: Queryable): Promise<DatabaseFacts> {
  const [row] = await sql<[DatabaseFacts]>`
    select current_setting('server_version') as version, pg_database_size(current_database())::float8 as bytes,
           (select count(*)::int from trials) as trials`;
  return row;
}

export interface EngineUse {
  readonly engine: string;
  readonly build: string;
  readonly host: string;
  readonly trials: number;
  readonly lastTrial: Date;
}

/** Lists the engines that trained trials of sweeps within the last week, newest first. */
export async function listRecentEngines(sql: Queryable): Promise<EngineUse[]> {
  return sql<EngineUse[]>`
    select t.engine, t.engine_build as build, t.host, count(*)::int as trials, max(t.finished_at) as "lastTrial"
    from trials t join sweeps s on s.id = t.sweep_id
    where (s.finished_at is null or s.finished_at > now() - interval '7 days') and t.finished_at > now() - interval '7 days'
    group by t.engine, t.engine_build, t.host order by max(t.finished_at) desc, t.engine, t.engine_build, t.host`;
}
