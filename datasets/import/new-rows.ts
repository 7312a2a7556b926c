/** The rows of a shard that a version lacks, found in a thread: hashing and search take seconds. */
import { type Matrix, pickRows } from '../../models/axes.ts';
import { askThread } from '../../platform.ts';
import { statisticsOf, varies } from '../column-statistics.ts';
import { hashRows, linkToEarlierRows, type NearDuplicates } from '../near-duplicates/near-duplicates.ts';

/** Arrays of the same rows: descriptors, then targets. */
export type RowArrays = [Matrix, ...Matrix[]];

export interface NewRows {
  /** Rows of the shard that are neither known nor repeated. */
  readonly added: Uint32Array<ArrayBuffer>;
  /** Pairs [index into `added`, known row or index after the known rows]. */
  readonly pairs: NearDuplicates;
  /** Number of descriptors that vary over known and new rows. */
  readonly varying: number;
}

export async function findNewRows(known: RowArrays, own: RowArrays): Promise<NewRows> {
  const seen = new Set(hashRows(known));
  const added: number[] = [];
  for (const [row, hash] of hashRows(own).entries()) {
    if (seen.has(hash)) continue;
    seen.add(hash);
    added.push(row);
  }
  const rows = Uint32Array.from(added);
  const x = pickRows(own[0], rows);
  const pairs = rows.length > 0 ? await linkToEarlierRows(known[0], x) : [];
  return { added: rows, pairs, varying: statisticsOf([known[0], x]).filter(varies).length };
}

/** The arrays move to the thread and back: these replace the arguments, which are empty then. */
export interface MovedRows {
  readonly known: RowArrays;
  readonly own: RowArrays;
}

export type NewRowsAnswer = MovedRows & NewRows;

/**
 * Returns findNewRows of arrays, each with a buffer of its own, while this thread stays free.
 * Throws the reason of an aborted signal.
 */
export const findNewRowsInThread = (moved: MovedRows, signal?: AbortSignal): Promise<NewRowsAnswer> =>
  askThread(import.meta.url, 'new-rows-thread', { workerData: moved, transferList: buffersOf(moved), signal });

/** Returns the buffers that move; shared ones need not. */
export const buffersOf = ({ known, own }: MovedRows): ArrayBuffer[] =>
  [...known, ...own].map(({ data }) => data.buffer).filter((buffer) => buffer instanceof ArrayBuffer);
