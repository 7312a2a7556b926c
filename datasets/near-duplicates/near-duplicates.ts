/** Rows that are the same, and structures that nearly are. */
import { createHash } from 'node:crypto';
import type { Matrix } from '../../models/axes.ts';
import { stream } from '../../models/random.ts';
import type { SpooledMatrix } from '../import/spool.ts';
import { createDisjointSets, type DisjointSets } from './disjoint-sets.ts';

/** Two structures whose descriptors all differ by less than this, in standard deviations, are nearly the same: a spectrum hardly tells them apart. */
export const NEAR_DUPLICATE_TOLERANCE = 1e-3;

/** By row: a name of its content in all of these arrays, which have as many rows. */
export function hashRows(arrays: readonly Matrix[]): string[] {
  const rows = arrays[0]?.rows ?? 0;
  return Array.from({ length: rows }, (_, row) => {
    const hash = createHash('sha256');
    for (const { columns, data } of arrays) {
      hash.update(new Uint8Array(data.buffer, data.byteOffset + 4 * row * columns, 4 * columns));
    }
    return hash.digest('base64');
  });
}

/** Pairs [row, first row that it is tied to]: see tiedRows. */
export async function findNearDuplicates(x: RowSource): Promise<[number, number][]> {
  const { find: root } = await joinNearDuplicates(x);
  const pairs: [number, number][] = [];
  for (let row = 0; row < x.rows; row++) if (root(row) !== row) pairs.push([row, root(row)]);
  return pairs;
}

/**
 * Pairs [row of `own`, row of `earlier` followed by `own`] that tie the rows of `own`: each with the first row that it is tied to, and the first of those that are tied to one another with every earlier row that
 * is tied to them, whichever sides these are on. See tiedRows.
 */
export async function linkToEarlierRows(earlier: Matrix, own: Matrix): Promise<[number, number][]> {
  const { find: root } = await joinNearDuplicates(concatenateRows(earlier, own));
  const firstOf = new Map<number, number>();
  const pairs: [number, number][] = [];
  for (let row = 0; row < own.rows; row++) {
    const first = root(earlier.rows + row);
    if (firstOf.has(first)) pairs.push([row, first]);
    else firstOf.set(first, row);
  }
  for (let row = 0; row < earlier.rows; row++) {
    const tied = firstOf.get(root(row));
    if (tied !== undefined) pairs.push([tied, row]);
  }
  return pairs.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
}

/** Rows that are passed over in order, and read again one by one. */
type RowSource = Pick<SpooledMatrix, 'rows' | 'columns' | 'chunks' | 'readRow'>;

function concatenateRows(first: Matrix, second: Matrix): RowSource {
  const { columns } = first;
  return {
    rows: first.rows + second.rows,
    columns,
    async *chunks() {
      yield first;
      yield second;
    },
    readRow(row, into) {
      const [{ data }, at] = row < first.rows ? [first, row] : [second, row - first.rows];
      into.set(data.subarray(at * columns, (at + 1) * columns));
    },
  };
}

/** Beside the direction that rows are sorted along: what is near along all of them is nearly always near. */
const EXTRA_DIRECTIONS = 3;

/**
 * Ties structures that are the same, or differ by less than TIED_WITHIN standard deviations in every descriptor, also by way of others that do so from row to row. Where a single
 * descriptor varies only the same ones count: along a line many rows are near, and in the end all would be tied. Sorted along one direction, in which near rows are near: N log N. Holds some 40 bytes a
 * row beside a chunk.
 */
async function joinNearDuplicates({ rows, columns, chunks, readRow }: RowSource): Promise<DisjointSets> {
  const moments = createColumnMoments(columns);
  for await (const chunk of chunks()) moments.add(chunk);
  const { means, deviations } = moments.end();
  const within = deviations.filter((deviation) => deviation > 0).length > 1 ? NEAR_DUPLICATE_TOLERANCE : 0;
  const { normal } = stream(1, 'direction');
  const directions = Array.from({ length: columns > 1 ? 1 + EXTRA_DIRECTIONS : 1 }, () =>
    Float64Array.from(deviations, (deviation) => normal() / (deviation || 1)),
  );
  const along: (Float64Array | Float32Array)[] = directions.map((_, i) =>
    i === 0 ? new Float64Array(rows) : new Float32Array(rows),
  );
  let row = 0;
  for await (const { data } of chunks()) {
    for (let at = 0; at < data.length; at += columns, row++) {
      directions.forEach((direction, i) => {
        let sum = 0;
        for (let d = 0; d < columns; d++) sum += ((data[at + d] as number) - (means[d] as number)) * (direction[d] as number);
        (along[i] as Float64Array)[row] = sum;
      });
    }
  }
  // As far as near rows can be apart along each, and what float32 rounds.
  const reaches = directions.map((direction, i) => {
    const reach = direction.reduce((sum, value, d) => sum + within * (deviations[d] as number) * Math.abs(value), 0);
    return i === 0 ? reach : reach * 1.01 + 1e-5 * Math.sqrt(columns);
  });
  const first = along[0] as Float64Array;
  const order = Uint32Array.from({ length: rows }, (_, i) => i).sort(
    (a, b) => (first[a] as number) - (first[b] as number) || a - b,
  );
  // In the order in which they are looked at: what is compared lies side by side.
  along.forEach((values, i) => {
    along[i] = values.map((_, place) => values[order[place] as number] as number);
  });
  const own = new Float32Array(columns);
  const other = new Float32Array(columns);
  const near = (tolerance: number) => {
    for (let d = 0; d < columns; d++) {
      const apart = Math.abs((own[d] as number) - (other[d] as number));
      if (apart > 0 && !(apart < tolerance * (deviations[d] as number))) return false;
    }
    return true;
  };
  const tied = createDisjointSets(rows);
  // The same structure often over is compared with others once.
  const copies = new Uint8Array(rows);
  const apart = (direction: number, a: number, b: number) =>
    Math.abs(((along[direction] as Float64Array)[a] as number) - ((along[direction] as Float64Array)[b] as number));
  for (let place = 0; place < rows; place++) {
    if (copies[place]) continue;
    const at = order[place] as number;
    let read = false;
    for (let next = place + 1; next < rows && apart(0, place, next) <= (reaches[0] as number); next++) {
      if (copies[next] || reaches.some((reach, i) => i > 0 && apart(i, place, next) > reach)) continue;
      const to = order[next] as number;
      const same = apart(0, place, next) === 0;
      if (!same && tied.find(at) === tied.find(to)) continue;
      if (!read) readRow(at, own);
      read = true;
      readRow(to, other);
      if (same && near(0)) copies[next] = 1;
      if (copies[next] || near(within)) tied.union(at, to);
    }
  }
  return tied;
}

/** Mean and standard deviation of each column, in its unit, of rows that come in chunks. */
function createColumnMoments(columns: number) {
  const [sums, squares] = [new Float64Array(columns), new Float64Array(columns)];
  // About the first row, so that a large mean takes no digits from a small spread.
  let about: Float32Array | null = null;
  let rows = 0;
  return {
    add({ data }: Pick<Matrix, 'data'>): void {
      about ??= data.slice(0, columns);
      for (let at = 0; at < data.length; at += columns, rows++) {
        for (let d = 0; d < columns; d++) {
          const value = (data[at + d] as number) - (about[d] as number);
          sums[d] = (sums[d] as number) + value;
          squares[d] = (squares[d] as number) + value ** 2;
        }
      }
    },
    end: (): { readonly means: Float64Array; readonly deviations: Float64Array } => ({
      means: sums.map((sum, d) => (about?.[d] as number) + sum / rows),
      deviations: squares.map((sum, d) => Math.sqrt(Math.max(sum / rows - ((sums[d] as number) / rows) ** 2, 0))),
    }),
  };
}
