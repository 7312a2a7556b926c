/** States of sweeps in memory that follow the rows of the database. */
import type { SweepRow } from '../../../db/queries/sweeps/sweeps.ts';
import { AsyncCache } from './async-cache.ts';

/** State of one sweep: the order in which rows are merged does not matter. */
interface Followed<Rows> {
  /** Every row up to this revision is in the state; -1: none was read yet. */
  readonly revision: number;
  /** Roughly what it takes in memory. */
  readonly bytes: number;
  /** Merges rows; `upTo`: a revision that was stored before they were read. */
  merge(rows: Rows, upTo: number): void;
}

interface FollowOptions<State, Rows> {
  /** Bound on all states together; the least recently used is dropped, and made anew on demand. */
  readonly maxBytes: number;
  /** Returns the state without rows. */
  create(sweep: SweepRow): State | Promise<State>;
  /** Reads the rows that were written after the state's revision. */
  read(sweep: SweepRow, state: State): Promise<Rows>;
}

interface Slot<State> {
  readonly state: State;
  loading: Promise<void> | null;
}

/** Returns a function that returns the state of a sweep with every row up to its row's revision. */
export function followSweeps<Rows, State extends Followed<Rows>>({
  maxBytes,
  create,
  read,
}: FollowOptions<State, Rows>): (sweep: SweepRow) => Promise<State> {
  const slots = new AsyncCache<Slot<State>>({ maxBytes, bytesOf: ({ state }) => state.bytes });
  return async (sweep) => {
    const slot = await slots.get(sweep.id, { version: '' }, async () => ({ state: await create(sweep), loading: null }));
    const { state } = slot;
    while (state.revision < sweep.revision) {
      // One query at a time: concurrent requests share its result, and query again if it is old.
      slot.loading ??= read(sweep, state)
        .then((rows) => state.merge(rows, sweep.revision))
        .finally(() => {
          slot.loading = null;
        });
      await slot.loading;
    }
    return state;
  };
}
