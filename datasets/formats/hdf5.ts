/** HDF5 datasets of numbers of any number of axes, and of text, read in blocks. */
import { CHUNK_BYTES, release, type SourceRows } from '../files/chunks.ts';
import { type Tile, type TileBuffer, withTileBuffer } from '../files/tiles.ts';
import { type ArrayReader, arrayInvalid, requireOneColumn, requireRows } from './array-format.ts';
import { type Block, type Interval, splitBlocks, tileOf } from './hdf5-blocks.ts';
import { type Hdf5Dataset, withDataset } from './hdf5-dataset.ts';

export const hdf5: ArrayReader = {
  open(input) {
    const { reference, scratch } = input;
    return {
      rows: (maxAxes) =>
        withDataset(input, 'signal', (dataset) => {
          const { shape, precision } = dataset.requireNumbers();
          const [, columns] = requireRows(shape, reference, maxAxes);
          if (dataset.isReversed) return readReversedRows(dataset, shape, reference);
          return withTileBuffer(scratch, precision, (buffer) => readRows(dataset, shape, columns, buffer));
        }),
      numbers: () =>
        withDataset(input, 'axes', function* (dataset) {
          const { shape } = dataset.requireNumbers();
          requireOneColumn(shape, reference);
          for (const block of blocksOf(dataset, dataset.storedShape)) yield dataset.numbers(block);
        }),
      column(name) {
        if (name !== undefined) {
          throw arrayInvalid(reference, 'a dataset of an HDF5 file has no named columns', 'remove `column`');
        }
        return withDataset(input, 'signal', function* (dataset) {
          dataset.requireText();
          for (const block of blocksOf(dataset, dataset.storedShape)) yield dataset.text(block);
        });
      },
    };
  },
};

const blocksOf = ({ chunks, bytesPerValue }: Hdf5Dataset, shape: readonly number[]): Generator<Block> =>
  splitBlocks(shape, chunks, Math.floor(CHUNK_BYTES / bytesPerValue));

/** Yields whole rows in C order, assembled from tiles where chunks split them. */
async function* readRows(
  dataset: Hdf5Dataset,
  shape: readonly number[],
  columns: number,
  buffer: TileBuffer,
): AsyncGenerator<SourceRows> {
  let tiles: Tile[] = [];
  for (const block of blocksOf(dataset, shape)) {
    const [[from, to], ...others] = block as [Interval, ...Block];
    const values = dataset.numbers(block);
    if (values.length === (to - from) * columns) {
      yield { rows: to - from, columns, data: values };
      release(values.buffer);
      continue;
    }
    await buffer.add(values);
    release(values.buffer);
    tiles.push(tileOf(others, shape.slice(1)));
    if (others.some(([, end], axis) => end !== shape[axis + 1])) continue;
    yield* buffer.take(to - from, columns, tiles);
    tiles = [];
  }
  if (shape[0] === 0) yield { rows: 0, columns, data: new Float32Array(0) };
}

/** Yields the rows of a matrix that is stored column by column, in bands of whole chunks. */
function* readReversedRows(dataset: Hdf5Dataset, shape: readonly number[], reference: string): Generator<SourceRows> {
  if (shape.length !== 2) {
    throw arrayInvalid(reference, `it is an array of MATLAB of ${shape.length} axes`, 'reshape it to one row per structure');
  }
  const [rows = 0, columns = 0] = shape;
  const whole = dataset.chunks?.[1] ?? 1;
  const band = whole * Math.max(1, Math.floor(CHUNK_BYTES / 8 / columns / whole));
  for (let from = 0; from < rows; from += band) {
    const to = Math.min(rows, from + band);
    const values = dataset.numbers([
      [0, columns],
      [from, to],
    ]);
    const data = new (values.constructor as new (length: number) => typeof values)(values.length);
    for (let column = 0, at = 0; column < columns; column++) {
      for (let row = 0; row < to - from; row++) data[row * columns + column] = values[at++] as number;
    }
    release(values.buffer);
    yield { rows: to - from, columns, data };
  }
  if (rows === 0) yield { rows, columns, data: new Float32Array(0) };
}
