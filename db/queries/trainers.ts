/** Trainers that are at work, and the sweeps that share them. */
import type { Queryable } from '../client.ts';

/**
 * Records that a trainer is at work, and forgets those that have been silent for an hour, or whose
 * last sign is ahead of a clock that was set back: they may have died since.
 */
export async function recordTrainer(sql: Queryable, id: string, slots: number): Promise<void> {
  await sql`delete from trainers where seen_at not between now() - interval '1 hour' and now() + interval '1 hour'`;
  await sql`
    insert into trainers (id, slots) values (${id}, ${slots})
    on conflict (id) do update set slots = excluded.slots, seen_at = now()`;
}

export async function removeTrainer(sql: Queryable, id: string): Promise<void> {
  await sql`delete from trainers where id = ${id}`;
}

/** Returns the packs that all trainers train at a time; one is silent for a minute when it died. */
export async function countSlots(sql: Queryable): Promise<number> {
  const [row] = await sql<[{ slots: number }]>`
    select coalesce(sum(slots), 0)::int as slots from trainers
    where seen_at between now() - interval '1 minute' and now() + interval '1 minute'`;
  return row.slots;
}
