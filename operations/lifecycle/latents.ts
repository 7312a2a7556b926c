/** Latents of finished sweeps removed by policy. */
import type { Database } from '../../db/client.ts';
import { deleteLatents, measureLatents } from '../../db/queries/lifecycle/latents.ts';
import { listChosenSweeps, type SweepChoice } from '../../db/queries/lifecycle/removal.ts';
import type { LatentPolicy } from '../../search/spec.ts';
import { type Space, withReclaim } from './reclaim.ts';

/** A sweep, with the number and bytes of the latents that go. */
export interface SweepLatents {
  readonly sweepId: string;
  readonly name: string;
  readonly trials: number;
  readonly bytes: number;
}

export interface LatentsPlan {
  readonly keep: Exclude<LatentPolicy, 'all'>;
  /** Those that have any to lose. */
  readonly sweeps: readonly SweepLatents[];
}

/** Plans which latents of the sweeps that fit are removed, so that those of the policy are kept. */
export async function planLatents(
  { sql }: Pick<Database, 'sql'>,
  choice: SweepChoice,
  keep: LatentsPlan['keep'],
): Promise<LatentsPlan> {
  const sweeps: SweepLatents[] = [];
  for (const { id, name } of await listChosenSweeps(sql, choice)) {
    const size = await measureLatents(sql, id, keep);
    if (size.trials > 0) sweeps.push({ sweepId: id, name, ...size });
  }
  return { keep, sweeps };
}

/** Removes the planned latents; a second call changes nothing. */
export async function removeLatents(
  db: Pick<Database, 'sql'>,
  { keep, sweeps }: LatentsPlan,
  { compact }: { readonly compact: boolean },
): Promise<LatentsPlan & { readonly space: Space }> {
  const { result, space } = await withReclaim(db, { compact }, async () => {
    const removed: SweepLatents[] = [];
    for (const { sweepId, name } of sweeps) removed.push({ sweepId, name, ...(await deleteLatents(db.sql, sweepId, keep)) });
    return { result: removed, hasDeleted: removed.some(({ trials }) => trials > 0) };
  });
  return { keep, sweeps: result, space };
}
