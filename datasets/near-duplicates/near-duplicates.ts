/** Finds duplicate rows and near-duplicate structures. */
import { createHash } from 'node:crypto';
import type { Matrix } from '../../models/axes.ts';
import { stream } from '../../models/random.ts';
import { createDisjointSets, type DisjointSets } from './disjoint-sets.ts';

/** Near-duplicates differ by less in every descriptor, in standard deviations: spectra agree. */
export const NEAR_DUPLICATE_TOLERANCE = 1e-3;

/** Pairs [row, first row of its group of near-duplicates]. */
export type NearDuplicates = readonly (readonly [number, number])[];

/** Returns a hash of the content of each row in all of these arrays. */
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

/** Returns pairs [row, first row of its group] of all near-duplicates. */
export async function findNearDuplicates(x: RowSource): Promise<[number, number][]> {
  const groups = await joinNearDuplicates(x);
  return Array.from({ length: x.rows }, (_, row): [number, number] => [row, groups.find(row)]).filter(
    ([row, first]) => first !== row,
  );
}

/**
 * Returns pairs [row of `own`, row of `earlier` followed by `own`]: near-duplicates within `own`
 * with the first of their group, and this first with every earlier row of the group.
 */
export async function linkToEarlierRows(earlier: Matrix, own: Matrix): Promise<[number, number][]> {
  const groups = await joinNearDuplicates(concatenateRows(earlier, own));
  const firstOf = new Map<number, number>();
  const pairs: [number, number][] = [];
  for (let row = 0; row < own.rows; row++) {
    const first = groups.find(earlier.rows + row);
    if (firstOf.has(first)) pairs.push([row, first]);
    else firstOf.set(first, row);
  }
  for (let row = 0; row < earlier.rows; row++) {
    const linked = firstOf.get(groups.find(row));
    if (linked !== undefined) pairs.push([linked, row]);
  }
  return pairs.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
}

/** Rows [rows, columns] that are read in order, in chunks, and then again one by one. */
export interface RowSource {
  readonly rows: number;
  readonly columns: number;
  chunks(): AsyncIterable<Matrix>;
  /** Fills `into`, which has the length of a row. */
  readRow(row: number, into: Float32Array): void;
}

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

/** Directions besides the sorted one: rows near along all of them are nearly always near. */
const EXTRA_DIRECTIONS = 3;

/**
 * Groups structures that are equal or nearer than NEAR_DUPLICATE_TOLERANCE, also by way of others.
 * Where a single descriptor varies only equal ones are grouped: near ones along a line would all
 * join. Sorts along one direction, along which near rows are near: N log N, some 40 bytes per row.
 */
async function joinNearDuplicates({ rows, columns, chunks, readRow }: RowSource): Promise<DisjointSets> {
  const { means, deviations } = await columnStatistics(columns, chunks());
  const tolerance = deviations.filter((deviation) => deviation > 0).length > 1 ? NEAR_DUPLICATE_TOLERANCE : 0;
  const tolerances = deviations.map((deviation) => tolerance * deviation);
  const { normal } = stream(1, 'direction');
  const directions = Array.from({ length: columns > 1 ? 1 + EXTRA_DIRECTIONS : 1 }, (_, i) => {
    const weights = Float64Array.from(deviations, (deviation) => normal() / (deviation || 1));
    // The largest distance of near rows along the direction, with the rounding of float32.
    const reach = weights.reduce((sum, weight, d) => sum + (tolerances[d] ?? 0) * Math.abs(weight), 0);
    return {
      weights,
      reach: i === 0 ? reach : reach * 1.01 + 1e-5 * Math.sqrt(columns),
      positions: i === 0 ? new Float64Array(rows) : new Float32Array(rows),
    };
  });
  let projected = 0;
  for await (const { data } of chunks()) {
    for (const { weights, positions } of directions) project(data, means, weights, positions, projected);
    projected += data.length / columns;
  }
  const [first, ...others] = directions as [(typeof directions)[number], ...typeof directions];
  const order = Uint32Array.from({ length: rows }, (_, i) => i).sort(
    (a, b) => (first.positions[a] ?? 0) - (first.positions[b] ?? 0) || a - b,
  );
  // Sorted, so that rows that are compared are adjacent in memory.
  for (const direction of directions) {
    const { positions } = direction;
    direction.positions = positions.map((_, place) => positions[order[place] ?? 0] ?? 0);
  }
  const own = new Float32Array(columns);
  const other = new Float32Array(columns);
  const isNear = (limits: Float64Array) => {
    for (let d = 0; d < columns; d++) {
      const difference = Math.abs((own[d] ?? 0) - (other[d] ?? 0));
      if (difference > 0 && !(difference < (limits[d] ?? 0))) return false;
    }
    return true;
  };
  const zeros = new Float64Array(columns);
  const groups = createDisjointSets(rows);
  // Further copies of a structure need not be compared with others.
  const isCopy = new Uint8Array(rows);
  for (const [place, at] of order.entries()) {
    if (isCopy[place]) continue;
    let isRead = false;
    for (let next = place + 1; next < rows; next++) {
      const distance = distanceAlong(first.positions, place, next);
      if (distance > first.reach) break;
      if (isCopy[next] || others.some(({ positions, reach }) => distanceAlong(positions, place, next) > reach)) continue;
      const to = order[next] ?? 0;
      if (distance > 0 && groups.find(at) === groups.find(to)) continue;
      if (!isRead) readRow(at, own);
      isRead = true;
      readRow(to, other);
      if (distance === 0 && isNear(zeros)) isCopy[next] = 1;
      if (isCopy[next] || isNear(tolerances)) groups.union(at, to);
    }
  }
  return groups;
}

const distanceAlong = (positions: Float64Array | Float32Array, a: number, b: number): number =>
  Math.abs((positions[a] ?? 0) - (positions[b] ?? 0));

/** Projects rows, relative to the means, onto a direction; fills `positions` from `from` on. */
function project(
  data: Float32Array,
  means: Float64Array,
  direction: Float64Array,
  positions: Float64Array | Float32Array,
  from: number,
): void {
  const columns = direction.length;
  for (let at = 0, row = from; at < data.length; at += columns, row++) {
    let sum = 0;
    for (let d = 0; d < columns; d++) sum += ((data[at + d] ?? 0) - (means[d] ?? 0)) * (direction[d] ?? 0);
    positions[row] = sum;
  }
}

/** Returns mean and standard deviation of each column, in its unit. */
async function columnStatistics(
  columns: number,
  chunks: AsyncIterable<Matrix>,
): Promise<{ readonly means: Float64Array; readonly deviations: Float64Array }> {
  const [sums, squares] = [new Float64Array(columns), new Float64Array(columns)];
  // Relative to the first row, so that a large mean does not cancel the digits of a small spread.
  let origin: Float32Array | null = null;
  let rows = 0;
  for await (const { data } of chunks) {
    origin ??= data.slice(0, columns);
    addMoments(data, origin, sums, squares);
    rows += data.length / columns;
  }
  return {
    means: sums.map((sum, d) => (origin?.[d] ?? 0) + sum / rows),
    deviations: squares.map((sum, d) => Math.sqrt(Math.max(sum / rows - ((sums[d] ?? 0) / rows) ** 2, 0))),
  };
}

/** Adds values relative to the origin, and their squares, to the sums of the columns. */
function addMoments(data: Float32Array, origin: Float32Array, sums: Float64Array, squares: Float64Array): void {
  const columns = sums.length;
  for (let at = 0; at < data.length; at += columns) {
    for (let d = 0; d < columns; d++) {
      const value = (data[at + d] ?? 0) - (origin[d] ?? 0);
      sums[d] = (sums[d] ?? 0) + value;
      squares[d] = (squares[d] ?? 0) + value ** 2;
    }
  }
}
