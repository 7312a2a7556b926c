/** Trainers that are at work. */
import type { TrainerGroup } from '../../search/routes.ts';
import type { Queryable } from '../client.ts';

/** A trainer, as it records itself. */
export interface Trainer {
  readonly id: string;
  readonly class: string;
  /** Engines that a sweep can ask it for. */
  readonly engines: readonly string[];
  /** Packs that it trains at a time. */
  readonly slots: number;
}

/**
 * Records that a trainer is at work, and forgets those that have been silent for an hour, or whose
 * last sign is ahead of a clock that was set back: they may have died since.
 */
export async function recordTrainer(sql: Queryable, { id, class: name, engines, slots }: Trainer): Promise<void> {
  await sql`delete from trainers where seen_at not between now() - interval '1 hour' and now() + interval '1 hour'`;
  await sql`
    insert into trainers (id, slots, class, engines) values (${id}, ${slots}, ${name}, ${[...engines]}::text[])
    on conflict (id) do update set slots = excluded.slots, class = excluded.class, engines = excluded.engines, seen_at = now()`;
}

export async function removeTrainer(sql: Queryable, id: string): Promise<void> {
  await sql`delete from trainers where id = ${id}`;
}

/** Lists the trainers at work by class and engines; one is silent for a minute when it died. */
export const listTrainers = (sql: Queryable) =>
  sql<TrainerGroup[]>`
    select class, engines, count(*)::int as trainers, sum(slots)::int as slots from trainers
    where seen_at between now() - interval '1 minute' and now() + interval '1 minute'
    group by class, engines order by class, engines`;
