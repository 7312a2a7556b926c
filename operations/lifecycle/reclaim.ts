/** Space that removals give back, measured. */
import type { Database } from '../../db/client.ts';
import { compactTables, measureDatabase, vacuumTables } from '../../db/queries/lifecycle/space.ts';
import { listUnfinishedRuns } from '../../db/queries/retraining/retrainings.ts';
import { listUnfinishedSweeps } from '../../db/queries/sweeps/sweeps.ts';

export interface Space {
  /** Bytes of the database's files before and after. */
  readonly before: number;
  readonly after: number;
  /** Bytes that went back to the file system. */
  readonly freed: number;
  /** Tables that still hold the space of deleted rows, which later rows use. */
  readonly left: readonly string[];
  /** Why they do; null where none does. */
  readonly reason: string | null;
}

/** Tables up to this size are rewritten without being asked for: it takes some seconds. */
const QUICK_BYTES = 2 ** 30;

/** The result of work that may have deleted rows. */
interface Deletion<T> {
  readonly result: T;
  readonly hasDeleted: boolean;
}

/**
 * Runs work that deletes rows, and gives their space back: to Postgres in any case, to the file
 * system where nothing runs that a rewritten table would hold up; `compact`: however large it is,
 * and whenever its rows were deleted.
 */
export async function withReclaim<T>(
  { sql }: Pick<Database, 'sql'>,
  { compact }: { readonly compact: boolean },
  work: () => Promise<Deletion<T>>,
): Promise<{ readonly result: T; readonly space: Space }> {
  const before = await measureDatabase(sql);
  const { result, hasDeleted } = await work();
  if (!hasDeleted && !compact) return { result, space: { before, after: before, freed: 0, left: [], reason: null } };
  await vacuumTables(sql);
  const busy = [...(await listUnfinishedSweeps(sql)), ...(await listUnfinishedRuns(sql))].map(({ name }) => name);
  const { left } = await compactTables(sql, busy.length > 0 ? 0 : compact ? Number.POSITIVE_INFINITY : QUICK_BYTES);
  const after = await measureDatabase(sql);
  const reason =
    left.length === 0 ? null : busy.length > 0 ? `${busy[0]} is not finished` : 'too large for a quick rewrite, or in use';
  return { result, space: { before, after, freed: Math.max(0, before - after), left, reason } };
}
