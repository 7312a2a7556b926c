/** The .npy format of numpy (NEP 1): float32 and float64, both byte orders, C and Fortran order, one or two axes. */
import { NarrowsError } from '../../errors.ts';
import type { Matrix } from '../../models/axes.ts';
import type { Scratch } from '../files/scratch.ts';
import { withTileBuffer } from '../files/tiles.ts';
import { type ArraySource, CHUNK_BYTES, concatenate, rowsPerChunk } from './array-source.ts';

const MAGIC = '\x93NUMPY';

interface Header {
  readonly bytesPerValue: 4 | 8;
  readonly littleEndian: boolean;
  readonly fortran: boolean;
  /** One entry per axis, at least one. */
  readonly shape: readonly number[];
  /** Offset of the first value. */
  readonly start: number;
}

/** Reads a whole file of [N, D], or [N] as one column. `name` is what errors call the array. Throws NarrowsError `array-invalid`. */
export function readNpy(bytes: Uint8Array, name: string): Matrix {
  const header = readHeader(bytes, name);
  const [rows, columns] = requireMatrix(header, name);
  requireLength(bytes.length, header, name);
  const values = decodeValues(new Uint8Array(bytes.subarray(header.start)), header);
  if (!header.fortran) return { rows, columns, data: float32(values) };
  const data = new Float32Array(values.length);
  for (let row = 0, at = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) data[at++] = values[column * rows + row] as number;
  return { rows, columns, data };
}

/** The array in `pieces`, the bytes of a file in order. Throws NarrowsError `array-invalid`; that a file is cut short, behind the rows that are there. */
export function openNpy(pieces: () => AsyncIterable<Uint8Array>, name: string, scratch: Scratch): ArraySource {
  const chunks = (shapeOf: typeof requireMatrix) =>
    withValues(pieces(), name, async function* ({ header, blocks }): AsyncGenerator<Matrix> {
      const [rows, columns] = shapeOf(header, name);
      if (header.fortran && columns > 1) {
        const tiles = Array.from({ length: columns }, (_, from) => [{ from, length: 1 }]);
        yield* withTileBuffer(scratch, async function* (bands) {
          for await (const values of blocks(1)) await bands.add(values);
          yield* bands.take(rows, columns, tiles);
        });
      } else {
        const rounded = new Float32Array(header.bytesPerValue === 4 ? 0 : rowsPerChunk(columns) * columns);
        for await (const values of blocks(columns)) {
          if (!(values instanceof Float32Array)) rounded.set(values);
          const data = values instanceof Float32Array ? values : rounded.subarray(0, values.length);
          yield { rows: values.length / columns, columns, data };
        }
      }
      if (rows === 0) yield { rows, columns, data: new Float32Array(0) };
    });
  return {
    matrix: () => chunks(requireMatrix),
    rows: () => chunks(requireRows),
    async numbers() {
      const parts = withValues(pieces(), name, ({ header, blocks }) => {
        if (requireRows(header, name)[1] === 1) return blocks(1);
        throw arrayInvalid(name, `it has the shape (${header.shape.join(', ')}); one column is needed`);
      });
      return concatenate(parts);
    },
    header: async () => null,
    // biome-ignore lint/correctness/useYield: there is nothing to give.
    async *column() {
      throw arrayInvalid(name, 'names and groups of rows are read from .csv, .tsv, .parquet and .h5 files');
    },
  };
}

/** A longer header describes no array of numbers. */
const MAX_HEADER_BYTES = 2 ** 20;

interface Values {
  readonly header: Header;
  /** Values in the order of the file, in multiples of so many. Good until the next are asked for. */
  blocks(multiple: number): AsyncGenerator<Float32Array | Float64Array>;
}

async function* withValues<T>(
  pieces: AsyncIterable<Uint8Array>,
  name: string,
  use: (values: Values) => AsyncIterable<T>,
): AsyncGenerator<T> {
  const all = pieces[Symbol.asyncIterator]();
  try {
    let head: Uint8Array = new Uint8Array(0);
    for (let next = await all.next(); !next.done; next = await all.next()) {
      head = Buffer.concat([head, next.value]);
      if (findHeaderEnd(head) <= head.length || head.length > MAX_HEADER_BYTES) break;
    }
    const header = readHeader(head, name);
    const { bytesPerValue, start, shape } = header;
    const expected = shape.reduce((product, length) => product * length, bytesPerValue);
    yield* use({
      header,
      async *blocks(multiple) {
        const step = bytesPerValue * multiple;
        const steps = Math.min(Math.ceil(expected / step), Math.floor(CHUNK_BYTES / step));
        const buffer = new Uint8Array(step * Math.max(1, steps));
        let [held, bytes, left] = [0, start, expected];
        const taken = function* (piece: Uint8Array) {
          bytes += piece.length;
          // What goes on behind the last value is counted, no more.
          const last = Math.min(piece.length, left);
          left -= last;
          for (let at = 0; at < last; ) {
            const count = Math.min(last - at, buffer.length - held);
            buffer.set(piece.subarray(at, at + count), held);
            at += count;
            held += count;
            if (held < buffer.length) continue;
            yield decodeValues(buffer, header);
            held = 0;
          }
        };
        yield* taken(head.subarray(start));
        for (let next = await all.next(); !next.done; next = await all.next()) yield* taken(next.value);
        const whole = held - (held % step);
        if (whole > 0) yield decodeValues(buffer.subarray(0, whole), header);
        requireLength(bytes, header, name);
      },
    });
  } finally {
    await all.return?.();
  }
}

/** [N, D], or [N] as one column. */
function requireMatrix(header: Header, name: string): readonly [number, number] {
  const { shape } = header;
  if (shape.length <= 2) return requireRows(header, name);
  throw arrayInvalid(name, `it has the shape (${shape.join(', ')}); one row per structure and one column per value are needed`);
}

/** [rows, columns] with all axes but the first as one; of more than two in Fortran order, columns come in the file's own order. */
function requireRows({ shape }: Header, name: string): readonly [number, number] {
  const [rows = 0, ...others] = shape;
  const columns = others.reduce((product, length) => product * length, 1);
  if (columns === 0) throw arrayInvalid(name, `it has the shape (${shape.join(', ')}), no columns`);
  return [rows, columns];
}

/** Throws where the file holds more or fewer values than its header names. */
function requireLength(bytes: number, header: Header, name: string): void {
  const { bytesPerValue, start } = header;
  const [rows, columns] = requireRows(header, name);
  const missing = start + rows * columns * bytesPerValue - bytes;
  if (missing > 0) {
    const whole = Math.floor((bytes - start) / bytesPerValue / columns);
    throw arrayInvalid(name, `the file is cut short: ${whole} whole rows of the ${rows} that its header names`);
  }
  if (missing < 0)
    throw arrayInvalid(name, `the file goes on for ${-missing} bytes behind the ${rows} rows that its header names`);
}

const IS_HOST_LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** The values in `bytes`, which begin a buffer and are turned round in place where the file has another byte order. */
function decodeValues(bytes: Uint8Array<ArrayBuffer>, { bytesPerValue, littleEndian }: Header): Float32Array | Float64Array {
  if (littleEndian !== IS_HOST_LITTLE_ENDIAN) {
    const turned = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (bytesPerValue === 4) turned.swap32();
    else turned.swap64();
  }
  const Type = bytesPerValue === 4 ? Float32Array : Float64Array;
  return new Type(bytes.buffer, bytes.byteOffset, bytes.byteLength / bytesPerValue);
}

const float32 = (values: Float32Array | Float64Array) => (values instanceof Float32Array ? values : new Float32Array(values));

/** Offset of the first value, as far as the bytes tell. */
function findHeaderEnd(bytes: Uint8Array): number {
  if (bytes.length < 12) return 12;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return bytes[6] === 1 ? 10 + view.getUint16(8, true) : 12 + view.getUint32(8, true);
}

function readHeader(bytes: Uint8Array, name: string): Header {
  const text = (from: number, to: number) => String.fromCharCode(...bytes.subarray(from, to));
  if (bytes.length < 10 || text(0, 6) !== MAGIC) throw arrayInvalid(name, 'this is no .npy file');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const major = bytes[6] as number;
  if (major < 1 || major > 3) throw arrayInvalid(name, `version ${major} of the .npy format is not known`);
  const before = major === 1 ? 10 : 12;
  if (bytes.length < before) throw arrayInvalid(name, 'the file is cut short in its header');
  const start = before + (major === 1 ? view.getUint16(8, true) : view.getUint32(8, true));
  if (bytes.length < start) throw arrayInvalid(name, 'the file is cut short in its header');
  const header = new TextDecoder('latin1').decode(bytes.subarray(before, start));
  const descr = /'descr':\s*'([^']*)'/.exec(header)?.[1];
  const order = /'fortran_order':\s*(True|False)/.exec(header)?.[1];
  const shape = /'shape':\s*\(([^)]*)\)/.exec(header)?.[1];
  if (order === undefined || shape === undefined) throw arrayInvalid(name, 'its header has no shape or order');
  const dtype = /^([<>=|])f([48])$/.exec(descr ?? '');
  if (!dtype) {
    throw arrayInvalid(
      name,
      `its type is ${descr ?? 'a structured one'}`,
      'save it as float32 or float64: numpy.save(file, array.astype("float32"))',
    );
  }
  const axes = shape
    .split(',')
    .filter((axis) => axis.trim() !== '')
    .map(Number);
  if (axes.length === 0) throw arrayInvalid(name, 'it is a single number, without rows');
  if (axes.some((axis) => !Number.isSafeInteger(axis) || axis < 0))
    throw arrayInvalid(name, `its header names the shape (${shape})`);
  return {
    bytesPerValue: dtype[2] === '4' ? 4 : 8,
    littleEndian: dtype[1] !== '>',
    fortran: order === 'True',
    shape: axes,
    start,
  };
}

/** Values of any number of axes in C order; no axes: a single number. */
export interface NpyArray {
  readonly shape: readonly number[];
  readonly data: Float32Array | Float64Array | Uint32Array;
}

/** float32, little-endian, C order, version 1.0: what numpy.save writes. */
export function writeNpy({ rows, columns, data }: Matrix): Uint8Array {
  return writeNpyArray({ shape: [rows, columns], data });
}

/** The array in its own type, little-endian, C order, version 1.0. */
export function writeNpyArray({ shape, data }: NpyArray): Uint8Array {
  const axes = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const dictionary = `{'descr': '${dtypeOf(data)}', 'fortran_order': False, 'shape': (${axes}), }`;
  const length = Math.ceil((10 + dictionary.length + 1) / 64) * 64;
  const header = `${dictionary.padEnd(length - 11)}\n`;
  const bytes = new Uint8Array(length + data.byteLength);
  for (let i = 0; i < MAGIC.length; i++) bytes[i] = MAGIC.charCodeAt(i);
  bytes[6] = 1;
  new DataView(bytes.buffer).setUint16(8, header.length, true);
  bytes.set(new TextEncoder().encode(header), 10);
  bytes.set(toLittleEndian(data), length);
  return bytes;
}

function dtypeOf(data: NpyArray['data']): string {
  if (data instanceof Uint32Array) return '<u4';
  return data instanceof Float32Array ? '<f4' : '<f8';
}

/** The values' bytes as little-endian machines have them. */
export function toLittleEndian(data: Float32Array | Float64Array | Uint32Array | BigInt64Array): Uint8Array {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  if (IS_HOST_LITTLE_ENDIAN) return bytes;
  const swapped = bytes.slice();
  for (let at = 0; at < swapped.length; at += data.BYTES_PER_ELEMENT) swapped.subarray(at, at + data.BYTES_PER_ELEMENT).reverse();
  return swapped;
}

export function arrayInvalid(name: string, why: string, fix?: string): NarrowsError {
  return new NarrowsError('array-invalid', `${name}: ${why}`, { path: name, fix });
}
