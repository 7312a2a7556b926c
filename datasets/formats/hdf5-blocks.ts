/** Blocks in which an array of an HDF5 file is read. */
import type { ColumnRun, Tile } from '../files/tiles.ts';
import { product } from './array-format.ts';

export type Interval = [from: number, to: number];

/** One interval [from, to) per axis. */
export type Block = Interval[];

/**
 * Yields blocks that cover an array in the order of its rows, each of at most `values` values. In a
 * chunked file a block consists of whole chunks (at least one), so that no chunk is unpacked twice.
 */
export function* splitBlocks(shape: readonly number[], chunk: readonly number[] | null, values: number): Generator<Block> {
  if (shape.includes(0)) return;
  const axes = shape.map((length, axis) => ({ length, size: Math.min(length, chunk?.[axis] ?? 1) }));
  for (const axis of axes.toReversed()) {
    const times = Math.max(1, Math.floor(values / product(axes.map(({ size }) => size))));
    axis.size = Math.min(axis.length, axis.size * times);
    // An axis that is split leaves no room for the axes before it.
    if (axis.size !== axis.length) break;
  }
  yield* gridBlocks(axes);
}

function* gridBlocks([axis, ...others]: readonly { length: number; size: number }[]): Generator<Block> {
  if (axis === undefined) return yield [];
  for (let from = 0; from < axis.length; from += axis.size) {
    for (const block of gridBlocks(others)) yield [[from, Math.min(from + axis.size, axis.length)], ...block];
  }
}

/** Returns the columns of a block of a row's axes, in runs as long as both are contiguous. */
export function tileOf(block: Block, shape: readonly number[]): Tile {
  let [runs, step]: [ColumnRun[], number] = [[{ from: 0, length: 1 }], 1];
  for (const [axis, [from, to]] of [...block.entries()].reverse()) {
    const isContiguous = runs.length === 1 && runs[0]?.length === step;
    const starts = Array.from({ length: to - from }, (_, i) => (from + i) * step);
    runs = isContiguous
      ? [{ from: from * step, length: (to - from) * step }]
      : starts.flatMap((start) => runs.map((run) => ({ from: start + run.from, length: run.length })));
    step *= shape[axis] ?? 1;
  }
  return runs;
}
