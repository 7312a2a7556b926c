/** Trainers that are at work. */
import type { TrainerSpeed } from '../../search/estimate.ts';
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
  /** Packs that it trains now. */
  readonly packs?: number;
  readonly threads?: number;
  /** Floating-point operations per second of training, as measured; null before it has trained. */
  readonly flops?: number | null;
}

/**
 * Records that a trainer is at work and how fast, and forgets those that have been silent for an
 * hour, or whose last sign is ahead of a clock that was set back: they may have died since.
 */
export async function recordTrainer(sql: Queryable, trainer: Trainer): Promise<void> {
  const { id, class: name, engines, slots, packs = 0, threads = 1, flops = null } = trainer;
  await sql`delete from trainers where seen_at not between now() - interval '1 hour' and now() + interval '1 hour'`;
  await sql`
    insert into trainers (id, slots, packs, class, engines, threads, flops)
    values (${id}, ${slots}, ${packs}, ${name}, ${[...engines]}::text[], ${threads}, ${flops})
    on conflict (id) do update set slots = excluded.slots, packs = excluded.packs, class = excluded.class,
      engines = excluded.engines, threads = excluded.threads, flops = excluded.flops, seen_at = now()`;
  await recordSpeed(sql, trainer);
}

/** Records that a trainer has stopped, and how fast it was. */
export async function removeTrainer(sql: Queryable, trainer: Trainer): Promise<void> {
  await recordSpeed(sql, trainer);
  await sql`delete from trainers where id = ${trainer.id}`;
}

/** Records the speed of a class of trainers, if this one has measured it. */
async function recordSpeed(sql: Queryable, { class: name, threads = 1, flops = null }: Trainer): Promise<void> {
  if (flops === null) return;
  await sql`
    insert into trainer_speeds (class, flops_per_thread) values (${name}, ${flops / threads})
    on conflict (class) do update set flops_per_thread = excluded.flops_per_thread`;
}

/** One is silent for a minute when it died. */
const isAtWork = (sql: Queryable) => sql`seen_at between now() - interval '1 minute' and now() + interval '1 minute'`;

/** Lists the trainers at work by class and engines. */
export const listTrainers = (sql: Queryable) =>
  sql<TrainerGroup[]>`
    select class, engines, count(*)::int as trainers, sum(slots)::int as slots from trainers
    where ${isAtWork(sql)}
    group by class, engines order by class, engines`;

/** Lists threads and speed of each trainer at work; new ones have the last speed of their class. */
export const listTrainerSpeeds = (sql: Queryable) =>
  sql<TrainerSpeed[]>`
    select class, engines, threads, coalesce(flops, threads * flops_per_thread) as flops
    from trainers left join trainer_speeds using (class)
    where ${isAtWork(sql)} order by id`;
