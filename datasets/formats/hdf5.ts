/** HDF5 datasets of numbers of any number of axes, and of text, read in blocks. */
import type { Dataset, Metadata, OutputData } from 'h5wasm/node';
import { NarrowsError } from '../../errors.ts';
import type { Matrix } from '../../models/axes.ts';
import { CHUNK_BYTES, release } from '../files/chunks.ts';
import { type ColumnRun, type NumberArray, type Tile, type TileBuffer, withTileBuffer } from '../files/tiles.ts';
import {
  type ArrayFormat,
  type ArrayInput,
  arrayInvalid,
  parseReference,
  product,
  requireOneColumn,
  requireRows,
} from './array-format.ts';
import { formatList, missingNameError } from './column-selection.ts';

/** Filters built into h5wasm: deflate (gzip), shuffle, fletcher32, szip, nbit, scaleoffset. */
const MAX_FILTER = 6;

export const hdf5: ArrayFormat = {
  extensions: ['.h5', '.hdf5', '.nxs'],
  example: 'data.h5#/X',
  hasText: true,
  access: 'random',
  open(input) {
    const { reference, scratch } = input;
    const read = <T>(use: (opened: Opened) => AsyncIterable<T> | Iterable<T>) => withDataset(input, use);
    return {
      rows: (maxAxes) =>
        read((opened) => {
          const shape = requireNumbers(opened, reference);
          const [, columns] = requireRows(shape, reference, maxAxes);
          return withTileBuffer(scratch, (buffer) => readRows(opened, shape, columns, buffer));
        }),
      numbers: () =>
        read(function* (opened) {
          const shape = requireNumbers(opened, reference);
          requireOneColumn(shape, reference);
          for (const block of blocksOf(opened.metadata, shape)) yield toNumbers(opened.dataset.slice(block));
        }),
      async *column(name) {
        if (name !== undefined) {
          throw arrayInvalid(reference, 'a dataset of an HDF5 file has no named columns', 'remove `column`');
        }
        yield* read(function* (opened) {
          const shape = requireText(opened, reference);
          for (const block of blocksOf(opened.metadata, shape)) {
            yield Array.from(opened.dataset.slice(block) as Iterable<string | number | bigint>, String);
          }
        });
      },
    };
  },
};

interface Opened {
  readonly dataset: Dataset;
  readonly metadata: Metadata;
}

/** Opens the dataset during `use`. Errors of the library become NarrowsErrors `array-invalid`. */
async function* withDataset<T>(
  { path: file, reference, member }: ArrayInput,
  use: (opened: Opened) => AsyncIterable<T> | Iterable<T>,
): AsyncGenerator<T> {
  // Loaded on demand: it takes 0.2 s.
  const library = await import('h5wasm/node');
  const module = await library.ready;
  // Without it a chunk that cannot be unpacked yields arbitrary memory, and its errors are printed.
  module.activate_throwing_error_handler();
  const { file: name } = parseReference(reference);
  let opened: InstanceType<typeof library.File>;
  try {
    opened = new library.File(file, 'r');
  } catch (error) {
    throw arrayInvalid(name, `it is not a valid HDF5 file (${innermostReason(error)})`);
  }
  try {
    const missing = (wanted: string) => missingNameError(name, 'dataset', wanted, listDatasets(opened));
    if (member === undefined || member === '') {
      const names = listDatasets(opened);
      throw arrayInvalid(name, 'the reference names no dataset in it', `write ${name}#${names[0]}; it has ${formatList(names)}`);
    }
    const whole = `/${member.replace(/^\/+/, '')}`;
    let entity: unknown = opened;
    for (const step of listPrefixes(whole)) {
      if (!(entity instanceof library.Group)) throw missing(whole);
      entity = opened.get(step);
      if (entity === null || entity instanceof library.BrokenSoftLink) throw missing(whole);
      if (entity instanceof library.ExternalLink || 'filename' in opened.get_external_link(step)) {
        throw arrayInvalid(reference, `${step} is a link to another file`, 'name that file, or copy the dataset into this one');
      }
    }
    if (!(entity instanceof library.Dataset)) throw missing(whole);
    const { metadata } = entity;
    if (metadata.virtual_sources) {
      throw arrayInvalid(reference, 'it is a virtual dataset, composed of other files', 'copy the data into one dataset');
    }
    const filter = entity.filters.find(({ id }) => id > MAX_FILTER);
    if (filter) {
      const message = `its compression filter "${filter.name}" is not supported`;
      throw arrayInvalid(reference, message, 'save it with compression="gzip"');
    }
    yield* use({ dataset: entity, metadata });
  } catch (error) {
    if (error instanceof NarrowsError) throw error;
    throw arrayInvalid(reference, `the dataset cannot be read (${innermostReason(error)})`);
  } finally {
    try {
      opened.close();
    } catch {
      // It would hide the first error of an unreadable file.
    }
  }
}

/** "/a/b/c" -> "/a", "/a/b", "/a/b/c". */
function listPrefixes(path: string): string[] {
  const parts = path.split('/').filter((part) => part !== '');
  return parts.map((_, i) => `/${parts.slice(0, i + 1).join('/')}`);
}

function listDatasets(file: { paths(): string[]; get(path: string): unknown }): string[] {
  return file
    .paths()
    .map((path) => `/${path}`)
    .filter((path) => (file.get(path) as { type?: string } | null)?.type === 'Dataset');
}

/** Returns the innermost reason in an error of the library: the others are its stack frames. */
function innermostReason(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const frames = [...text.matchAll(/^ *#\d+: .*\(\): (.*)$/gm)].map(([, reason]) => reason);
  return frames.at(-1) ?? text.split('\n')[0] ?? '';
}

/** Values of H5T_class_t in the HDF5 library. */
const CLASS = { integer: 0, float: 1, string: 3 } as const;
const KINDS = ['integers', 'floats', 'times', 'text', 'bit fields', 'opaque bytes', 'records', 'references', 'an enumeration'];
const kindOf = (type: number): string => KINDS[type] ?? 'lists of variable length';

function requireNumbers({ metadata }: Opened, reference: string): readonly number[] {
  const { type, size } = metadata;
  if (type !== CLASS.integer && !(type === CLASS.float && (size === 4 || size === 8))) {
    const kind = type === CLASS.float ? `floats of ${8 * size} bits` : kindOf(type);
    throw arrayInvalid(reference, `it contains ${kind}`, 'save it as float32, float64 or integers: dataset.astype("float32")');
  }
  return requireShape(metadata, reference);
}

function requireText({ metadata }: Opened, reference: string): readonly number[] {
  const { type } = metadata;
  if (type !== CLASS.string && type !== CLASS.integer) {
    throw arrayInvalid(reference, `it contains ${kindOf(type)}; ids, groups and series are text or integers`);
  }
  const shape = requireShape(metadata, reference);
  requireOneColumn(shape, reference);
  return shape;
}

function requireShape({ shape }: Metadata, reference: string): readonly number[] {
  if (shape === null) throw arrayInvalid(reference, 'it is empty');
  if (shape.length === 0) throw arrayInvalid(reference, 'it is a single value, without rows');
  return shape;
}

/** Yields whole rows in C order, assembled from tiles where chunks split them. */
async function* readRows(
  { dataset, metadata }: Opened,
  shape: readonly number[],
  columns: number,
  buffer: TileBuffer,
): AsyncGenerator<Matrix> {
  let rounded = new Float32Array(0);
  let tiles: Tile[] = [];
  for (const block of blocksOf(metadata, shape)) {
    const [[from, to], ...others] = block as [Interval, ...Block];
    const values = toNumbers(dataset.slice(block));
    if (values.length === (to - from) * columns) {
      if (rounded.length < values.length) rounded = new Float32Array(values.length);
      rounded.set(values);
      const { length } = values;
      release(values.buffer);
      yield { rows: to - from, columns, data: rounded.subarray(0, length) };
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

function toNumbers(data: OutputData | null): NumberArray {
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) return Float64Array.from(data, Number);
  return data as NumberArray;
}

type Interval = [from: number, to: number];

/** One interval [from, to) per axis. */
type Block = Interval[];

const blocksOf = ({ chunks, size }: Metadata, shape: readonly number[]): Generator<Block> =>
  splitBlocks(shape, chunks, Math.floor(CHUNK_BYTES / size));

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
function tileOf(block: Block, shape: readonly number[]): Tile {
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
