/** Checkpoints of trials that have no result yet. */
import { sha256Of } from '../../../platform.ts';
import type { Queryable } from '../../client.ts';

/** Saves a checkpoint in place of an earlier one, unless the trial has a result. */
export async function saveCheckpoint(
  sql: Queryable,
  sweepId: string,
  trialId: string,
  epoch: number,
  bytes: Uint8Array,
): Promise<void> {
  await sql`
    insert into checkpoints (trial_id, sweep_id, epoch, sha256, bytes)
    select ${trialId}, ${sweepId}, ${epoch}, ${sha256Of(bytes)}, ${Buffer.from(bytes)}::bytea
    where not exists (select from trials where id = ${trialId} and outcome in ('completed', 'pruned', 'diverged'))
    on conflict (trial_id) do update
      set epoch = excluded.epoch, sha256 = excluded.sha256, bytes = excluded.bytes, saved_at = now()
      where checkpoints.epoch <= excluded.epoch`;
}

/**
 * Reads checkpoints by trial id. Corrupt ones are deleted, so that earlier epochs can replace them:
 * starting again gives the same result.
 */
export async function loadCheckpoints(sql: Queryable, trialIds: readonly string[]): Promise<Map<string, Uint8Array>> {
  const rows = await sql<{ trialId: string; sha256: string; bytes: Uint8Array }[]>`
    select trial_id as "trialId", sha256, bytes from checkpoints where trial_id = any(${[...trialIds]}::text[])`;
  const sound = new Map<string, Uint8Array>();
  for (const { trialId, sha256, bytes } of rows) {
    if (sha256Of(bytes) === sha256) sound.set(trialId, new Uint8Array(bytes));
    else await sql`delete from checkpoints where trial_id = ${trialId} and sha256 = ${sha256}`;
  }
  return sound;
}

/** Sizes of the checkpoints of some trials; both sums rise as these trials are trained. */
export interface CheckpointTotals {
  readonly epochs: number;
  readonly bytes: number;
}

export async function sumCheckpoints(sql: Queryable, trialIds: readonly string[]): Promise<CheckpointTotals> {
  const [totals] = await sql<[CheckpointTotals]>`
    select coalesce(sum(epoch), 0)::float8 as epochs, coalesce(sum(octet_length(bytes)), 0)::float8 as bytes
    from checkpoints where trial_id = any(${[...trialIds]}::text[])`;
  return totals;
}
