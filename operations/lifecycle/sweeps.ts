/** Sweeps removed: by name, or by what they have in common. */
import type { Database } from '../../db/client.ts';
import {
  isMarked,
  listChosenSweeps,
  markRemoved,
  measureSweeps,
  purgeMarked,
  type SweepChoice,
} from '../../db/queries/lifecycle/removal.ts';
import { listSweepUses, type SweepUse } from '../../db/queries/lifecycle/sweep-uses.ts';
import {
  deleteUnusedArrays,
  measureStrays,
  measureUnusedArrays,
  registerStrays,
  type UnusedArrays,
} from '../../db/queries/lifecycle/unused-arrays.ts';
import { findSweep, type SweepRow } from '../../db/queries/sweeps/sweeps.ts';
import { NarrowsError } from '../../errors.ts';
import { isFinished } from '../../search/states.ts';
import type { Storage } from '../servers.ts';
import { decideRemovals, describeUses } from './decide.ts';
import { type Space, withReclaim } from './reclaim.ts';

export type { SweepChoice };

/** A sweep that goes, with the size of its results. */
export interface ChosenSweep {
  readonly sweepId: string;
  readonly name: string;
  readonly state: SweepRow['state'];
  readonly finishedAt: string | null;
  readonly trials: number;
  /** Bytes of stored values. */
  readonly bytes: number;
}

/** A sweep that stays, and why. */
export interface KeptSweep {
  readonly sweepId: string;
  readonly name: string;
  readonly reason: string;
}

export interface RemovalPlan {
  /** Newest first. */
  readonly sweeps: readonly ChosenSweep[];
  readonly kept: readonly KeptSweep[];
}

export interface Removal extends RemovalPlan {
  /** Trials whose rows were deleted, those of interrupted removals among them. */
  readonly trials: number;
  /** Arrays of datasets that no version referred to. */
  readonly arrays: number;
  /** Their size. */
  readonly arrayBytes: number;
  readonly space: Space;
}

/**
 * Plans the removal of sweeps by id or name; of a sweep whose removal was interrupted, nothing is
 * left to plan. Throws NarrowsError `sweep-unknown`, `sweep-running`, and `sweep-in-use` where
 * something that stays needs one of them.
 */
export async function planSweepRemoval({ sql }: Pick<Database, 'sql'>, idsOrNames: readonly string[]): Promise<RemovalPlan> {
  const found = new Map<string, SweepRow>();
  for (const one of idsOrNames) {
    const row = await findSweep(sql, one).catch(async (error: unknown) => {
      if (await isMarked(sql, one)) return null;
      throw error;
    });
    if (row === null) continue;
    requireEnded(row);
    found.set(row.id, row);
  }
  const rows = [...found.values()].sort((a, b) => b.startedAt.getTime() - a.startedAt.getTime());
  const plan = await planOf(sql, rows);
  const [kept] = plan.kept;
  if (kept) throw inUseError(kept.name, kept.reason);
  return plan;
}

/** Plans the removal of all finished sweeps that fit, but for those that something needs. */
export const planPrune = async ({ sql }: Pick<Database, 'sql'>, choice: SweepChoice): Promise<RemovalPlan> =>
  planOf(sql, await listChosenSweeps(sql, choice));

async function planOf(sql: Database['sql'], rows: readonly SweepRow[]): Promise<RemovalPlan> {
  const ids = rows.map(({ id }) => id);
  const { removed, kept } = decideRemovals(ids, await listSweepUses(sql, ids));
  const going = rows.filter(({ id }) => removed.has(id));
  const sizes = await measureSweeps(
    sql,
    going.map(({ id }) => id),
  );
  return {
    sweeps: going.map(({ id, name, state, finishedAt }, i) => ({
      ...{ sweepId: id, name, state, finishedAt: finishedAt?.toISOString() ?? null },
      ...{ trials: sizes[i]?.trials ?? 0, bytes: sizes[i]?.bytes ?? 0 },
    })),
    kept: rows.flatMap(({ id, name }) => {
      const uses = kept.get(id);
      return uses ? [{ sweepId: id, name, reason: describeUses(uses) }] : [];
    }),
  };
}

/**
 * Removes the planned sweeps one after the other, finishes removals that were interrupted, and
 * deletes arrays that nothing refers to; a second call changes nothing. A sweep that something has
 * come to need since is kept. Throws NarrowsError `sweep-running` where one was continued since;
 * those before it are removed then. Throws those of InstallationBlobs.check before anything is.
 */
export async function removeSweeps(
  { db, blobs }: Storage,
  plan: RemovalPlan,
  { compact }: { readonly compact: boolean },
): Promise<Removal> {
  await blobs.check();
  const kept = [...plan.kept];
  const { result, space } = await withReclaim(db, { compact }, async () => {
    const sweeps: ChosenSweep[] = [];
    for (const one of plan.sweeps) {
      const uses = await removeSweep(db, one.sweepId);
      if (uses.length > 0) kept.push({ sweepId: one.sweepId, name: one.name, reason: describeUses(uses) });
      else sweeps.push(one);
    }
    const trials = await purgeMarked(db.sql);
    await registerStrays(db.sql, blobs);
    const { arrays, bytes: arrayBytes } = await deleteUnusedArrays(db.sql, blobs);
    return { result: { sweeps, trials, arrays, arrayBytes }, hasDeleted: sweeps.length + trials + arrays > 0 };
  });
  return { ...result, kept, space };
}

/** Measures the arrays that removeSweeps would delete in addition to the sweeps. */
export async function measureUnused({ db, blobs }: Storage): Promise<UnusedArrays> {
  const [unused, strays] = [await measureUnusedArrays(db.sql), await measureStrays(db.sql, blobs)];
  return { arrays: unused.arrays + strays.arrays, bytes: unused.bytes + strays.bytes };
}

/** Marks a sweep as removed; returns what needs it, and leaves it then. */
async function removeSweep({ sql }: Pick<Database, 'sql'>, id: string): Promise<readonly SweepUse[]> {
  try {
    return await markRemoved(sql, id, requireEnded);
  } catch (error) {
    // Another call was faster.
    if (error instanceof NarrowsError && error.code === 'sweep-unknown') return [];
    throw error;
  }
}

const inUseError = (name: string, reason: string): NarrowsError =>
  new NarrowsError('sweep-in-use', `${name} cannot be removed: ${reason}`, {
    path: 'sweep',
    fix: 'keep it, or remove what needs it first; champions and their predecessors are kept for roll-backs',
    kind: 'failure',
  });

/**
 * Throws NarrowsError `sweep-running`. The row decides: this process may reach another Temporal
 * than the workers that train the sweep.
 */
function requireEnded({ name, state }: SweepRow): void {
  if (isFinished(state)) return;
  throw new NarrowsError('sweep-running', `${name} is ${state}: it cannot be removed`, {
    path: 'sweep',
    fix: `cancel it first: "narrows sweep cancel ${name}"`,
    kind: 'failure',
  });
}
