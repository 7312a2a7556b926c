/** HDF5 by reference, `data.h5#/path/to/dataset`: float32, float64 and whole numbers of one or more axes, and text, read block by block. */
import type { Dataset, Metadata, OutputData } from 'h5wasm/node';
import { NarrowsError } from '../../errors.ts';
import type { Matrix } from '../../models/axes.ts';
import type { Scratch } from '../files/scratch.ts';
import { type Numbers, type Tile, type TileBuffer, withTileBuffer } from '../files/tiles.ts';
import { type ArraySource, CHUNK_BYTES, concatenate, release } from './array-source.ts';
import { formatList, missingNameError } from './column-selection.ts';
import { arrayInvalid } from './npy.ts';

/** Filters that h5wasm has built in, by their number: deflate (gzip), shuffle, fletcher32, szip, nbit, scaleoffset. */
const FILTERS = 6;

/** `file` is where it lies, `dataset` the path within it; `reference` is what errors call it. */
export function openHdf5(file: string, reference: string, dataset: string | undefined, scratch: Scratch): ArraySource {
  const read = <T>(use: (opened: Opened) => AsyncIterable<T> | Iterable<T>) => withDataset(file, reference, dataset, use);
  return {
    matrix: () =>
      read((opened) => {
        const { shape, columns } = requireNumbers(opened, reference);
        if (shape.length <= 2) return withTileBuffer(scratch, (bands) => rowsOf(opened, shape, columns, bands));
        throw arrayInvalid(reference, `it has ${shapeOf(shape)}; one row per structure and one column per value are needed`);
      }),
    rows: () =>
      read((opened) => {
        const { shape, columns } = requireNumbers(opened, reference);
        return withTileBuffer(scratch, (bands) => rowsOf(opened, shape, columns, bands));
      }),
    async numbers() {
      const blocks = read(function* (opened) {
        const { shape, columns } = requireNumbers(opened, reference);
        if (columns !== 1) throw arrayInvalid(reference, `it has ${shapeOf(shape)}; one column is needed`);
        for (const block of blocksOf(opened.metadata, shape)) yield numbersOf(opened.dataset.slice(block));
      });
      return concatenate(blocks);
    },
    header: async () => null,
    async *column(column) {
      if (column !== undefined)
        throw arrayInvalid(reference, 'a dataset of an HDF5 file has no named columns', 'leave `column` out');
      yield* read(function* (opened) {
        const { shape } = requireText(opened, reference);
        for (const block of blocksOf(opened.metadata, shape)) {
          yield Array.from(opened.dataset.slice(block) as Iterable<string | number | bigint>, String);
        }
      });
    },
  };
}

interface Opened {
  readonly dataset: Dataset;
  readonly metadata: Metadata;
}

/** Opens the dataset for the time of `use`. Whatever the library throws becomes a NarrowsError that says what it found. */
async function* withDataset<T>(
  file: string,
  reference: string,
  path: string | undefined,
  use: (opened: Opened) => AsyncIterable<T> | Iterable<T>,
): AsyncGenerator<T> {
  // Loaded where a file asks for it: it takes a fifth of a second.
  const library = await import('h5wasm/node');
  const module = await library.ready;
  // Else a chunk that cannot be unpacked is read as whatever lies in memory, and the reasons are printed.
  module.activate_throwing_error_handler();
  const name = reference.split('#')[0] as string;
  let opened: InstanceType<typeof library.File>;
  try {
    opened = new library.File(file, 'r');
  } catch (error) {
    throw arrayInvalid(name, `this is no whole HDF5 file (${reasonOf(error)})`);
  }
  try {
    const there = (wanted: string) => missingNameError(name, 'dataset', wanted, datasetsOf(opened));
    if (path === undefined || path === '') {
      const names = datasetsOf(opened);
      throw arrayInvalid(name, 'the reference names no dataset in it', `write ${name}#${names[0]}; it has ${formatList(names)}`);
    }
    const whole = `/${path.replace(/^\/+/, '')}`;
    let entity: unknown = opened;
    for (const step of stepsOf(whole)) {
      if (!(entity instanceof library.Group)) throw there(whole);
      entity = opened.get(step);
      if (entity === null || entity instanceof library.BrokenSoftLink) throw there(whole);
      if (entity instanceof library.ExternalLink || 'filename' in opened.get_external_link(step)) {
        throw arrayInvalid(reference, `${step} is a link to another file`, 'name that file, or copy the dataset into this one');
      }
    }
    if (!(entity instanceof library.Dataset)) throw there(whole);
    const { metadata } = entity;
    if (metadata.virtual_sources) {
      throw arrayInvalid(reference, 'it is a virtual dataset, put together from other files', 'copy the data into one dataset');
    }
    const filter = entity.filters.find(({ id }) => id > FILTERS);
    if (filter) {
      throw arrayInvalid(
        reference,
        `it is packed with the filter "${filter.name}", which is not known here`,
        'save it with compression="gzip"',
      );
    }
    yield* use({ dataset: entity, metadata });
  } catch (error) {
    if (error instanceof NarrowsError) throw error;
    throw arrayInvalid(reference, `the dataset cannot be read (${reasonOf(error)})`);
  } finally {
    close(opened);
  }
}

/** A file that could not be read may not close either, and that would hide why. */
function close(file: { close(): unknown }): void {
  try {
    file.close();
  } catch {}
}

/** "/a", "/a/b", "/a/b/c" of "/a/b/c". */
function stepsOf(path: string): string[] {
  const parts = path.split('/').filter((part) => part !== '');
  return parts.map((_, i) => `/${parts.slice(0, i + 1).join('/')}`);
}

function datasetsOf(file: { paths(): string[]; get(path: string): unknown }): string[] {
  return file
    .paths()
    .map((path) => `/${path}`)
    .filter((path) => (file.get(path) as { type?: string } | null)?.type === 'Dataset');
}

/** The innermost of the library's reasons: the others say where in the library it was found. */
function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const frames = [...text.matchAll(/^ *#\d+: .*\(\): (.*)$/gm)].map(([, reason]) => reason as string);
  return frames.at(-1) ?? text.split('\n')[0] ?? '';
}

const shapeOf = (shape: readonly number[]) => `the shape (${shape.join(', ')})`;

/** H5T_class_t of the HDF5 library. */
const CLASS = { integer: 0, float: 1, string: 3 } as const;
const CLASS_NAMES = [
  'whole numbers',
  'floats',
  'times',
  'text',
  'bits',
  'opaque bytes',
  'records',
  'references',
  'an enumeration',
];

function requireNumbers({ metadata }: Opened, reference: string): { shape: readonly number[]; columns: number } {
  const { type, size } = metadata;
  if (type !== CLASS.integer && !(type === CLASS.float && (size === 4 || size === 8))) {
    const kind = type === CLASS.float ? `floats of ${8 * size} bits` : (CLASS_NAMES[type] ?? 'lists of varying length');
    throw arrayInvalid(reference, `it holds ${kind}`, 'save it as float32, float64 or whole numbers: dataset.astype("float32")');
  }
  const shape = requireRows(metadata, reference);
  const columns = shape.slice(1).reduce((product, length) => product * length, 1);
  if (columns === 0) throw arrayInvalid(reference, `it has ${shapeOf(shape)}, no columns`);
  return { shape, columns };
}

function requireText({ metadata }: Opened, reference: string): { shape: readonly number[] } {
  const { type } = metadata;
  if (type !== CLASS.string && type !== CLASS.integer) {
    throw arrayInvalid(
      reference,
      `it holds ${CLASS_NAMES[type] ?? 'lists of varying length'}; names of rows are text or whole numbers`,
    );
  }
  const shape = requireRows(metadata, reference);
  if (shape.slice(1).every((length) => length === 1)) return { shape };
  throw arrayInvalid(reference, `it has ${shapeOf(shape)}; one column is needed`);
}

function requireRows({ shape }: Metadata, reference: string): readonly number[] {
  if (shape === null) throw arrayInvalid(reference, 'it is empty');
  if (shape.length === 0) throw arrayInvalid(reference, 'it is a single value, without rows');
  return shape;
}

/** Whole rows in C order, whatever the layout of the file: where its chunks part the rows, these are put together from tiles. */
async function* rowsOf(
  { dataset, metadata }: Opened,
  shape: readonly number[],
  columns: number,
  bands: TileBuffer,
): AsyncGenerator<Matrix> {
  let rounded = new Float32Array(0);
  let tiles: Tile[] = [];
  for (const block of blocksOf(metadata, shape)) {
    const [[from, to], ...others] = block as [[number, number], ...Block];
    const values = numbersOf(dataset.slice(block));
    if (values.length === (to - from) * columns) {
      if (rounded.length < values.length) rounded = new Float32Array(values.length);
      rounded.set(values);
      const { length } = values;
      release(values.buffer);
      yield { rows: to - from, columns, data: rounded.subarray(0, length) };
      continue;
    }
    await bands.add(values);
    release(values.buffer);
    tiles.push(tileOf(others, shape.slice(1)));
    if (others.some(([, end], axis) => end !== shape[axis + 1])) continue;
    yield* bands.take(to - from, columns, tiles);
    tiles = [];
  }
  if (shape[0] === 0) yield { rows: 0, columns, data: new Float32Array(0) };
}

function numbersOf(data: OutputData | null): Numbers {
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) return Float64Array.from(data, Number);
  return data as Numbers;
}

/** [from, to) of each axis. */
type Block = [number, number][];

function blocksOf({ chunks, size }: Metadata, shape: readonly number[]): Generator<Block> {
  return blocks(shape, chunks, Math.floor(CHUNK_BYTES / size));
}

/**
 * Blocks that cover an array, each of at most so many values, in the order of rows. Where the array lies in chunks a block is made of whole ones (at least one), so that none
 * is unpacked twice.
 */
export function* blocks(shape: readonly number[], chunk: readonly number[] | null, values: number): Generator<Block> {
  if (shape.some((length) => length === 0)) return;
  const size = shape.map((length, axis) => Math.min(length, chunk?.[axis] ?? 1));
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const of = size.reduce((product, length) => product * length, 1);
    const times = Math.max(1, Math.floor(values / of));
    size[axis] = Math.min(shape[axis] as number, (size[axis] as number) * times);
    // An axis that is not whole leaves no room for those before it.
    if (size[axis] !== shape[axis]) break;
  }
  const from = shape.map(() => 0);
  for (;;) {
    yield from.map((start, axis) => [start, Math.min(start + (size[axis] as number), shape[axis] as number)]);
    let axis = shape.length - 1;
    for (; axis >= 0; axis--) {
      from[axis] = (from[axis] as number) + (size[axis] as number);
      if ((from[axis] as number) < (shape[axis] as number)) break;
      from[axis] = 0;
    }
    if (axis < 0) return;
  }
}

/** The columns of a block of a row's axes, in runs as long as both are contiguous. */
function tileOf(block: Block, shape: readonly number[]): Tile {
  // From this axis on, a run of the block is a run of the row.
  let axis = shape.length - 1;
  while (axis > 0 && block[axis]?.[1] === shape[axis] && block[axis]?.[0] === 0) axis--;
  const within = shape.slice(axis + 1).reduce((product, length) => product * length, 1);
  const [from, to] = block[axis] as [number, number];
  let runs = [{ from: from * within, length: (to - from) * within }];
  let step = within;
  for (let along = axis - 1; along >= 0; along--) {
    step *= shape[along + 1] as number;
    const [first, end] = block[along] as [number, number];
    const places = Array.from({ length: end - first }, (_, i) => (first + i) * step);
    runs = places.flatMap((place) => runs.map((run) => ({ from: place + run.from, length: run.length })));
  }
  return runs;
}
