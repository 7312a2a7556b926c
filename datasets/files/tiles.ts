/** Assembles rows that a file does not store contiguously, from tiles in a scratch file. */
import { CHUNK_BYTES, rowsPerChunk, type SourceRows } from './chunks.ts';
import type { Scratch, ScratchFile } from './scratch.ts';

/** A typed array of numbers. */
export type NumberArray = Exclude<ArrayBufferView, DataView> & ArrayLike<number>;

/** The array that holds every value of a source: float64 for those beyond float32. */
export type Precision = Float32ArrayConstructor | Float64ArrayConstructor;

/** Adjacent columns. */
export interface ColumnRun {
  readonly from: number;
  readonly length: number;
}

/** The columns of a tile in the order in which each of its rows stores them. */
export type Tile = readonly ColumnRun[];

/** Holds a band of rows, however many, in a file, and one chunk in memory. */
export interface TileBuffer {
  /** Appends values of one tile after another, each row by row, in pieces of any size. */
  add(values: NumberArray): Promise<void>;
  /** Returns the rows of the added tiles, which have every column once, and empties the buffer. */
  take(rows: number, columns: number, tiles: readonly Tile[]): AsyncGenerator<SourceRows>;
}

/** Lends a buffer during `use`. */
export async function* withTileBuffer(
  scratch: Scratch,
  precision: Precision,
  use: (buffer: TileBuffer) => AsyncIterable<SourceRows>,
): AsyncGenerator<SourceRows> {
  await using file = await scratch.createFile();
  yield* use(createTileBuffer(file, precision));
}

function createTileBuffer(file: ScratchFile, Values: Precision): TileBuffer {
  const size = Values.BYTES_PER_ELEMENT;
  const pending = new Values(CHUNK_BYTES / size);
  let held = 0;
  const flush = async () => {
    await file.append(new Uint8Array(pending.buffer, 0, held * size));
    held = 0;
  };
  let assembled = new Values(0);
  let segment = new Values(0);
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
      const batch = Math.min(rows, rowsPerChunk(columns, size));
      if (assembled.length < batch * columns) assembled = new Values(batch * columns);
      const sized = tiles.map((tile) => ({ tile, width: tile.reduce((sum, { length }) => sum + length, 0) }));
      const widest = sized.reduce((most, { width }) => Math.max(most, width), 0);
      if (segment.length < batch * widest) segment = new Values(batch * widest);
      for (let from = 0; from < rows; from += batch) {
        const count = Math.min(batch, rows - from);
        const data = assembled.subarray(0, count * columns);
        let start = 0;
        for (const { tile, width } of sized) {
          const values = segment.subarray(0, count * width);
          file.readSync(new Uint8Array(values.buffer, 0, values.byteLength), size * (start + from * width));
          scatter(values, width, tile, data, columns);
          start += rows * width;
        }
        yield { rows: count, columns, data };
      }
      await file.clear();
    },
  };
}

/** Copies the rows of a tile to the positions of its columns. */
function scatter(values: SourceRows['data'], width: number, tile: Tile, data: SourceRows['data'], columns: number): void {
  let within = 0;
  for (const { from, length } of tile) {
    for (let at = within, to = from; at < values.length; at += width, to += columns) {
      for (let i = 0; i < length; i++) data[to + i] = values[at + i] as number;
    }
    within += length;
  }
}
