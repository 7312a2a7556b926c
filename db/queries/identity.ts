/** Identity of the database, which its names in Temporal end with. */
import type { Queryable } from '../client.ts';

/** Returns the identity of the database: twelve hexadecimal digits. */
export async function readIdentity(sql: Queryable): Promise<string> {
  const [row] = await sql<[{ identity: string }]>`select identity from installation`;
  return row.identity;
}

/** Returns whether work under names without an identity may be under way, or is scheduled. */
export async function hasUnnamedWork(sql: Queryable): Promise<boolean> {
  const [row] = await sql<[{ found: boolean }]>`
    select exists (select from sweeps where identity is null and state in ('running', 'paused'))
        or exists (select from retrainings r where identity is null and (removed_at is null
             or exists (select from retrain_runs u where u.name = r.name and u.outcome = 'running')
             or exists (select from events e join messages m on m.event_id = e.id where e.name = r.name and m.state = 'pending')))
      as found`;
  return row.found;
}

export async function hasSweep(sql: Queryable, id: string): Promise<boolean> {
  const [row] = await sql<[{ found: boolean }]>`select exists (select from sweeps where id = ${id}) as found`;
  return row.found;
}

/** Returns whether there is such a retraining, or was before it was removed. */
export async function hasRetraining(sql: Queryable, name: string): Promise<boolean> {
  const [row] = await sql<[{ found: boolean }]>`select exists (select from retrainings where name = ${name}) as found`;
  return row.found;
}
