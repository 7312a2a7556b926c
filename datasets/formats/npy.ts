/** The .npy format of numpy (NEP 1): float32 and float64, both byte orders, C and Fortran order. */
import type { Matrix } from '../../models/axes.ts';
import { CHUNK_BYTES, rowsPerChunk } from '../files/chunks.ts';
import { withTileBuffer } from '../files/tiles.ts';
import {
  type ArrayFormat,
  type ArrayInput,
  type ArraySource,
  arrayInvalid,
  product,
  requireOneColumn,
  requireRows,
} from './array-format.ts';

export const npy: ArrayFormat = {
  extensions: ['.npy'],
  example: 'X.npy',
  hasText: false,
  access: 'sequential',
  open(input) {
    const { reference, file, member } = input;
    if (member === undefined) return openNpy(input);
    throw arrayInvalid(reference, 'an .npy file has no members', `write ${file}`);
  },
};

/** Throws NarrowsError `array-invalid`; for a truncated file after its whole rows. */
export function openNpy({ bytes, reference, scratch }: Pick<ArrayInput, 'bytes' | 'reference' | 'scratch'>): ArraySource {
  return {
    rows: (maxAxes) =>
      withValues(bytes(), reference, async function* ({ header, blocks }): AsyncGenerator<Matrix> {
        const [rows, columns] = requireRows(header.shape, reference, maxAxes);
        if (header.fortran && columns > 1) {
          const tiles = Array.from({ length: columns }, (_, from) => [{ from, length: 1 }]);
          yield* withTileBuffer(scratch, async function* (buffer) {
            for await (const values of blocks(1)) await buffer.add(values);
            yield* buffer.take(rows, columns, tiles);
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
      }),
    numbers: () =>
      withValues(bytes(), reference, ({ header, blocks }) => {
        requireOneColumn(header.shape, reference);
        return blocks(1);
      }),
  };
}

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

/** Parses a file of [N, D], or [N] as one column. Throws NarrowsError `array-invalid`. */
export function readNpy(bytes: Uint8Array, name: string): Matrix {
  const header = readHeader(bytes, name);
  const [rows, columns] = requireRows(header.shape, name, 2);
  requireLength(bytes.length, header, name);
  const values = decodeValues(new Uint8Array(bytes.subarray(header.start)), header);
  if (!header.fortran) return { rows, columns, data: values instanceof Float32Array ? values : new Float32Array(values) };
  const data = new Float32Array(values.length);
  for (let column = 0; column < columns; column++) {
    for (const [row, value] of values.subarray(column * rows, (column + 1) * rows).entries())
      data[row * columns + column] = value;
  }
  return { rows, columns, data };
}

/** Longer headers do not describe an array of numbers. */
const MAX_HEADER_BYTES = 2 ** 20;

interface Values {
  readonly header: Header;
  /** Returns values in order, in multiples of `multiple`; valid until the next are requested. */
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
    const expected = product(shape) * bytesPerValue;
    yield* use({
      header,
      async *blocks(multiple) {
        const step = bytesPerValue * multiple;
        const steps = Math.min(Math.ceil(expected / step), Math.floor(CHUNK_BYTES / step));
        const buffer = new Uint8Array(step * Math.max(1, steps));
        let [held, bytes, left] = [0, start, expected];
        const decode = function* (piece: Uint8Array) {
          bytes += piece.length;
          // Bytes after the last value are only counted.
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
        yield* decode(head.subarray(start));
        for (let next = await all.next(); !next.done; next = await all.next()) yield* decode(next.value);
        const whole = held - (held % step);
        if (whole > 0) yield decodeValues(buffer.subarray(0, whole), header);
        requireLength(bytes, header, name);
      },
    });
  } finally {
    await all.return?.();
  }
}

/** Throws NarrowsError `array-invalid` for more or fewer values than the header states. */
function requireLength(bytes: number, header: Header, name: string): void {
  const { bytesPerValue, start } = header;
  const [rows, columns] = requireRows(header.shape, name);
  const missing = start + rows * columns * bytesPerValue - bytes;
  if (missing > 0) {
    const whole = Math.floor((bytes - start) / bytesPerValue / columns);
    throw arrayInvalid(name, `the file is truncated: ${whole} of ${rows} rows are complete`);
  }
  if (missing < 0) throw arrayInvalid(name, `the file has ${-missing} bytes after the ${rows} rows of its header`);
}

const IS_HOST_LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** Interprets `bytes`, which start a buffer; another byte order is reversed in place. */
function decodeValues(bytes: Uint8Array<ArrayBuffer>, { bytesPerValue, littleEndian }: Header): Float32Array | Float64Array {
  if (littleEndian !== IS_HOST_LITTLE_ENDIAN) {
    const swapped = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (bytesPerValue === 4) swapped.swap32();
    else swapped.swap64();
  }
  const Type = bytesPerValue === 4 ? Float32Array : Float64Array;
  return new Type(bytes.buffer, bytes.byteOffset, bytes.byteLength / bytesPerValue);
}

/** Returns the offset of the first value, which may be beyond `bytes`. */
function findHeaderEnd(bytes: Uint8Array): number {
  if (bytes.length < 10) return 10;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes[6] === 1) return 10 + view.getUint16(8, true);
  return 12 + (bytes.length < 12 ? 0 : view.getUint32(8, true));
}

function readHeader(bytes: Uint8Array, name: string): Header {
  const isNpy = bytes.length >= 10 && String.fromCharCode(...bytes.subarray(0, 6)) === MAGIC;
  if (!isNpy) throw arrayInvalid(name, 'it is not a valid .npy file');
  const major = bytes[6] ?? 0;
  if (major < 1 || major > 3) throw arrayInvalid(name, `version ${major} of the .npy format is not supported`);
  const start = findHeaderEnd(bytes);
  if (bytes.length < start) throw arrayInvalid(name, 'the file is truncated in its header');
  const header = new TextDecoder('latin1').decode(bytes.subarray(major === 1 ? 10 : 12, start));
  const descr = /'descr':\s*'([^']*)'/.exec(header)?.[1];
  const order = /'fortran_order':\s*(True|False)/.exec(header)?.[1];
  const shape = /'shape':\s*\(([^)]*)\)/.exec(header)?.[1];
  if (order === undefined || shape === undefined) throw arrayInvalid(name, 'its header has no shape or order');
  const dtype = /^([<>=|])f([48])$/.exec(descr ?? '');
  if (!dtype) {
    const fix = 'save it as float32 or float64: numpy.save(file, array.astype("float32"))';
    throw arrayInvalid(name, `its data type is ${descr ?? 'structured'}`, fix);
  }
  const axes = shape
    .split(',')
    .filter((axis) => axis.trim() !== '')
    .map(Number);
  if (axes.length === 0) throw arrayInvalid(name, 'it is a single number, without rows');
  if (axes.some((axis) => !Number.isSafeInteger(axis) || axis < 0))
    throw arrayInvalid(name, `the shape (${shape}) of its header is not valid`);
  return {
    bytesPerValue: dtype[2] === '4' ? 4 : 8,
    littleEndian: dtype[1] !== '>',
    fortran: order === 'True',
    shape: axes,
    start,
  };
}

/** Values in C order. Without axes it is a single number. */
export interface NpyArray {
  readonly shape: readonly number[];
  readonly data: Float32Array | Float64Array | Uint32Array;
}

/** Encodes float32, little-endian, C order, version 1.0, as numpy.save does. */
export function writeNpy({ rows, columns, data }: Matrix): Uint8Array {
  return writeNpyArray({ shape: [rows, columns], data });
}

/** Encodes the array in its own type, little-endian, C order, version 1.0. */
export function writeNpyArray({ shape, data }: NpyArray): Uint8Array {
  const axes = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const dtype = data instanceof Uint32Array ? '<u4' : `<f${data.BYTES_PER_ELEMENT}`;
  const dictionary = `{'descr': '${dtype}', 'fortran_order': False, 'shape': (${axes}), }`;
  const length = Math.ceil((10 + dictionary.length + 1) / 64) * 64;
  const header = `${dictionary.padEnd(length - 11)}\n`;
  const bytes = new Uint8Array(length + data.byteLength);
  bytes.set(Buffer.from(`${MAGIC}\x01`, 'latin1'));
  new DataView(bytes.buffer).setUint16(8, header.length, true);
  bytes.set(new TextEncoder().encode(header), 10);
  bytes.set(toLittleEndian(data), length);
  return bytes;
}

/** Returns the bytes of the values in little-endian order. */
export function toLittleEndian(data: Float32Array | Float64Array | Uint32Array | BigInt64Array): Uint8Array {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  if (IS_HOST_LITTLE_ENDIAN) return bytes;
  const swapped = bytes.slice();
  for (let at = 0; at < swapped.length; at += data.BYTES_PER_ELEMENT) swapped.subarray(at, at + data.BYTES_PER_ELEMENT).reverse();
  return swapped;
}
