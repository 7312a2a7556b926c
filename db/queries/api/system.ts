/** Facts about the database and the engines in use. */
import { readBlobLocation } from '../../blob-location.ts';
import type { Queryable } from '../../client.ts';

interface DatabaseFacts {
  readonly version: string;
  readonly bytes: number;
  readonly trials: number;
  readonly arrayBytes: number;
}

export async function readDatabaseFacts(sql: Queryable) {
  const [{ arrayBytes, ...row }] = await sql<[DatabaseFacts]>`
    select current_setting('server_version') as version, pg_database_size(current_database())::float8 as bytes,
           (select count(*)::int from trials) as trials,
           (select coalesce(sum(bytes), 0)::float8 from blobs) as "arrayBytes"`;
  const location = await readBlobLocation(sql);
  return { ...row, arrays: { location: location ?? 'postgres', bytes: arrayBytes } };
}

interface EngineUse {
  readonly engine: string;
  readonly build: string;
  readonly host: string;
  /** Number of trials that ended on it. */
  readonly trials: number;
  readonly lastTrial: Date;
}

/** Lists the engines on which trials of sweeps ended within the last week, newest first. */
export const listRecentEngines = (sql: Queryable) =>
  sql<EngineUse[]>`
    select w.engine, w.engine_build as build, w.host, sum(w.ended)::int as trials, max(w.written_at) as "lastTrial"
    from writes w join sweeps s on s.id = w.sweep_id
    where (s.finished_at is null or s.finished_at > now() - interval '7 days') and w.written_at > now() - interval '7 days'
      and w.engine is not null and w.ended > 0
    group by w.engine, w.engine_build, w.host order by max(w.written_at) desc, w.engine, w.engine_build, w.host`;
