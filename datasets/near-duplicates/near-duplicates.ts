/** Finds duplicate rows and near-duplicate structures. */
import { createHash } from 'node:crypto';
import type { Matrix } from '../../models/axes.ts';
import { type Direction, projectRows } from './directions.ts';
import { createDisjointSets, type DisjointSets } from './disjoint-sets.ts';
import { measureSpreads } from './spreads.ts';

/** Near-duplicates differ by less in every descriptor, in its spread: spectra agree. */
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

/** Bounds of the rows that one row is compared with along a direction. */
interface SearchLimits {
  /** Distinct rows that follow it. */
  readonly rows: number;
  /** Rows that are near along every direction, and yet apart. */
  readonly misses: number;
}

/** Beyond ordinary data: a million rows of 500 independent descriptors need 5,000 rows. */
const LIMITS: SearchLimits = { rows: 8192, misses: 256 };
/** Along further directions, where the rows are crowded along the first. */
const FURTHER_LIMITS: SearchLimits = { rows: 512, misses: 16 };

/**
 * Groups structures that are equal or nearer than NEAR_DUPLICATE_TOLERANCE, also by way of others.
 * Where a single descriptor varies only equal ones are grouped: near ones along a line would all
 * join. Sorts along one direction, along which near rows are near: N log N, some 60 bytes per row.
 */
async function joinNearDuplicates(source: RowSource): Promise<DisjointSets> {
  const { rows, columns, chunks } = source;
  const scale = await measureSpreads(rows, columns, chunks());
  const tolerance = scale.spreads.filter((spread) => spread > 0).length > 1 ? NEAR_DUPLICATE_TOLERANCE : 0;
  const directions = await projectRows(rows, chunks(), scale, tolerance);
  const groups = createDisjointSets(rows);
  const tolerances = scale.spreads.map((spread) => tolerance * spread);
  const compare = createComparison(source, tolerances);
  let order = Uint32Array.from({ length: rows }, (_, row) => row);
  for (const [i, along] of directions.entries()) {
    const sorted = [along, ...directions.filter((direction) => direction !== along)];
    order.sort(byPosition(sorted));
    if (i === 0) order = joinCopies(order, sorted, groups, compare);
    if (joinNear(order, sorted, i === 0 ? LIMITS : FURTHER_LIMITS, groups, compare)) break;
  }
  return groups;
}

/** Compares two rows; `a` is read once for all `b` that follow. */
type Compare = (a: number, b: number) => 'equal' | 'near' | 'apart';

function createComparison({ columns, readRow }: RowSource, tolerances: Float64Array): Compare {
  const [own, other] = [new Float32Array(columns), new Float32Array(columns)];
  let read = -1;
  return (a, b) => {
    if (read !== a) readRow(a, own);
    read = a;
    readRow(b, other);
    let isEqual = true;
    for (let d = 0; d < columns; d++) {
      const difference = Math.abs((own[d] ?? 0) - (other[d] ?? 0));
      if (difference === 0) continue;
      if (!(difference < (tolerances[d] ?? 0))) return 'apart';
      isEqual = false;
    }
    return isEqual ? 'equal' : 'near';
  };
}

/** Orders rows by their positions along the directions in turn, so that copies are adjacent. */
const byPosition = (directions: readonly Direction[]) => (a: number, b: number) => {
  for (const { positions } of directions) {
    const difference = (positions[a] ?? 0) - (positions[b] ?? 0);
    if (difference !== 0) return difference;
  }
  return a - b;
};

/** Joins rows that equal the one before them; returns the others, in their order. */
function joinCopies(
  order: Uint32Array,
  directions: readonly Direction[],
  groups: DisjointSets,
  compare: Compare,
): Uint32Array<ArrayBuffer> {
  const [{ positions }] = directions as [Direction, ...Direction[]];
  const kept = new Uint32Array(order.length);
  let [count, last] = [0, -1];
  for (let place = 0; place < order.length; place++) {
    const row = order[place] ?? 0;
    // Most rows differ along the first direction.
    const isCopy =
      last >= 0 &&
      positions[row] === positions[last] &&
      directions.every((direction) => direction.positions[row] === direction.positions[last]) &&
      compare(last, row) === 'equal';
    if (isCopy) groups.union(last, row);
    else {
      kept[count++] = row;
      last = row;
    }
  }
  return kept.slice(0, count);
}

/** Joins near rows, within the limits. Returns whether all were found. */
function joinNear(
  order: Uint32Array,
  directions: readonly Direction[],
  limits: SearchLimits,
  groups: DisjointSets,
  compare: Compare,
): boolean {
  // In their order, so that rows that are compared are adjacent in memory.
  const [{ positions, reach }, ...others] = directions.map((direction) => ({
    reach: direction.reach,
    positions: sortPositions(direction, order),
  })) as [SortedDirection, ...SortedDirection[]];
  let isComplete = true;
  for (let place = 0; place < order.length; place++) {
    const row = order[place] ?? 0;
    let misses = 0;
    for (let next = place + 1; next < order.length && distanceAlong(positions, place, next) <= reach; next++) {
      if (next - place > limits.rows || misses === limits.misses) {
        isComplete = false;
        break;
      }
      if (isApart(others, place, next)) continue;
      const candidate = order[next] ?? 0;
      if (groups.find(row) === groups.find(candidate)) continue;
      if (compare(row, candidate) === 'apart') misses += 1;
      else groups.union(row, candidate);
    }
  }
  return isComplete;
}

/** A loop: `Float64Array.from` takes much longer. */
function sortPositions({ positions }: Direction, order: Uint32Array): Float64Array {
  const sorted = new Float64Array(order.length);
  for (let place = 0; place < order.length; place++) sorted[place] = positions[order[place] ?? 0] ?? 0;
  return sorted;
}

/** As Direction, by place in an order. */
interface SortedDirection {
  readonly positions: Float64Array;
  readonly reach: number;
}

/** Whether rows are apart along any of the directions. A loop: `some` takes much longer. */
function isApart(directions: readonly SortedDirection[], a: number, b: number): boolean {
  for (const { positions, reach } of directions) if (distanceAlong(positions, a, b) > reach) return true;
  return false;
}

const distanceAlong = (positions: Float64Array, a: number, b: number): number =>
  Math.abs((positions[a] ?? 0) - (positions[b] ?? 0));
