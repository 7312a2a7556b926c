/**
 * Rows out of files that do not keep them together: a band of rows is written to a scratch file as tiles, each of some of its columns, and read back row by row. Memory holds a
 * chunk, however many rows a band has.
 */
import type { Matrix } from '../../models/axes.ts';
import { CHUNK_BYTES, rowsPerChunk } from '../formats/array-source.ts';
import type { Scratch, ScratchFile } from './scratch.ts';

/** A typed array of numbers. */
export type Numbers = Exclude<ArrayBufferView, DataView> & ArrayLike<number>;

/** Neighbouring columns. */
export interface ColumnRun {
  readonly from: number;
  readonly length: number;
}

/** The columns of a tile in the order in which each of its rows holds them. */
export type Tile = readonly ColumnRun[];

export interface TileBuffer {
  /** Values of one tile after another, each row by row; in pieces of any size. */
  add(values: Numbers): Promise<void>;
  /** The rows of the tiles that were added; then another band may begin. Between them the tiles have every column once. */
  take(rows: number, columns: number, tiles: readonly Tile[]): AsyncGenerator<Matrix>;
}

/** Lends bands for the time of `use`. */
export async function* withTileBuffer(
  scratch: Scratch,
  use: (bands: TileBuffer) => AsyncIterable<Matrix>,
): AsyncGenerator<Matrix> {
  const file = await scratch.createFile();
  try {
    yield* use(createTileBuffer(file));
  } finally {
    await file.close();
  }
}

function createTileBuffer(file: ScratchFile): TileBuffer {
  const pending = new Float32Array(CHUNK_BYTES / 4);
  let held = 0;
  const flush = async () => {
    await file.append(new Uint8Array(pending.buffer, 0, held * 4));
    held = 0;
  };
  let rowsHeld = new Float32Array(0);
  let segment = new Float32Array(0);
  return {
    async add(values) {
      for (let at = 0; at < values.length; ) {
        const count = Math.min(values.length - at, pending.length - held);
        pending.set((values as Float32Array).subarray(at, at + count), held);
        at += count;
        held += count;
        if (held === pending.length) await flush();
      }
    },
    async *take(rows, columns, tiles) {
      await flush();
      const most = Math.min(rows, rowsPerChunk(columns));
      if (rowsHeld.length < most * columns) rowsHeld = new Float32Array(most * columns);
      const widths = tiles.map((tile) => tile.reduce((sum, { length }) => sum + length, 0));
      const widest = Math.max(0, ...widths);
      if (segment.length < most * widest) segment = new Float32Array(most * widest);
      for (let from = 0; from < rows; from += most) {
        const count = Math.min(most, rows - from);
        const data = rowsHeld.subarray(0, count * columns);
        let start = 0;
        for (const [at, tile] of tiles.entries()) {
          const width = widths[at] as number;
          const values = segment.subarray(0, count * width);
          file.readSync(new Uint8Array(values.buffer, 0, values.byteLength), 4 * (start + from * width));
          scatter(values, width, tile, data, columns);
          start += rows * width;
        }
        yield { rows: count, columns, data };
      }
      await file.clear();
    },
  };
}

/** Puts rows of a tile where its columns are. */
function scatter(values: Float32Array, width: number, tile: Tile, data: Float32Array, columns: number): void {
  let within = 0;
  for (const { from, length } of tile) {
    for (let at = within, to = from; at < values.length; at += width, to += columns) {
      for (let i = 0; i < length; i++) data[to + i] = values[at + i] as number;
    }
    within += length;
  }
}
