/** The .npy format of numpy (NEP 1): numbers and text, both byte orders, C and Fortran order. */
import type { Matrix } from '../../models/axes.ts';
import { CHUNK_BYTES, type SourceRows } from '../files/chunks.ts';
import { type Precision, withTileBuffer } from '../files/tiles.ts';
import {
  type ArrayInput,
  type ArrayReader,
  type ArraySource,
  arrayInvalid,
  product,
  requireOneColumn,
  requireRows,
} from './array-format.ts';
import { findHeaderEnd, type Header, MAGIC, MAX_HEADER_BYTES, readHeader } from './npy-header.ts';
import { REPLACEMENT } from './text-encoding.ts';

export const npy: ArrayReader = {
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
      withBlocks(bytes(), reference, async function* ({ header, blocks }): AsyncGenerator<SourceRows> {
        const [rows, columns] = requireRows(header.shape, reference, maxAxes);
        requireNumbers(header, reference);
        if (header.fortran && columns > 1) {
          yield* withTileBuffer(scratch, precisionOf(header), async function* (buffer) {
            for await (const block of blocks(1)) await buffer.add(decodeNumbers(block, header));
            // By now the file is known to have as many columns as its header states.
            const tiles = Array.from({ length: columns }, (_, from) => [{ from, length: 1 }]);
            yield* buffer.take(rows, columns, tiles);
          });
        } else {
          for await (const block of blocks(columns)) {
            const data = decodeNumbers(block, header);
            yield { rows: data.length / columns, columns, data };
          }
        }
        if (rows === 0) yield { rows, columns, data: new Float32Array(0) };
      }),
    numbers: () =>
      withBlocks(bytes(), reference, async function* ({ header, blocks }) {
        requireOneColumn(header.shape, reference);
        requireNumbers(header, reference);
        for await (const block of blocks(1)) yield decodeNumbers(block, header);
      }),
    column(name) {
      if (name !== undefined) throw arrayInvalid(reference, 'an array of numpy has no named columns', 'remove `column`');
      return withBlocks(bytes(), reference, async function* ({ header, blocks }) {
        requireOneColumn(header.shape, reference);
        for await (const block of blocks(1)) yield decodeText(block, header, reference);
      });
    },
  };
}

/** Parses a file of [N, D], or [N] as one column. Throws NarrowsError `array-invalid`. */
export function readNpy(bytes: Uint8Array, name: string): Matrix {
  const header = readHeader(bytes, name);
  const [rows, columns] = requireRows(header.shape, name, 2);
  requireNumbers(header, name);
  requireLength(bytes.length, header, name);
  const values = decodeNumbers(new Uint8Array(bytes.subarray(header.start)), header);
  if (!header.fortran) return { rows, columns, data: values instanceof Float32Array ? values : new Float32Array(values) };
  const data = new Float32Array(values.length);
  for (let column = 0; column < columns; column++) {
    for (const [row, value] of values.subarray(column * rows, (column + 1) * rows).entries())
      data[row * columns + column] = value;
  }
  return { rows, columns, data };
}

interface Blocks {
  readonly header: Header;
  /**
   * Returns the bytes of values in order, in multiples of `multiple` values, from the start of a
   * buffer; valid until the next are requested.
   */
  blocks(multiple: number): AsyncGenerator<Uint8Array<ArrayBuffer>>;
}

async function* withBlocks<T>(
  pieces: AsyncIterable<Uint8Array>,
  name: string,
  use: (blocks: Blocks) => AsyncIterable<T>,
): AsyncGenerator<T> {
  const all = pieces[Symbol.asyncIterator]();
  try {
    let head: Uint8Array = new Uint8Array(0);
    for (let next = await all.next(); !next.done; next = await all.next()) {
      head = Buffer.concat([head, next.value]);
      if (findHeaderEnd(head) <= head.length || head.length > MAX_HEADER_BYTES) break;
    }
    const header = readHeader(head, name);
    const { type, start, shape } = header;
    const expected = product(shape) * type.bytes;
    yield* use({
      header,
      async *blocks(multiple) {
        const step = type.bytes * multiple;
        const steps = Math.min(Math.ceil(expected / step), Math.floor(CHUNK_BYTES / step));
        const size = step * Math.max(1, steps);
        // A row may be larger, if the file is: the header alone does not allocate it.
        let buffer = new Uint8Array(Math.min(size, CHUNK_BYTES));
        let [held, bytes, left] = [0, start, expected];
        const fill = function* (piece: Uint8Array) {
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
            if (held < size) buffer = enlarge(buffer, Math.min(size, 2 * held));
            else {
              yield buffer;
              held = 0;
            }
          }
        };
        yield* fill(head.subarray(start));
        for (let next = await all.next(); !next.done; next = await all.next()) yield* fill(next.value);
        const whole = held - (held % step);
        if (whole > 0) yield buffer.subarray(0, whole);
        requireLength(bytes, header, name);
      },
    });
  } finally {
    await all.return?.();
  }
}

function enlarge(bytes: Uint8Array, size: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(size);
  larger.set(bytes);
  return larger;
}

/** Throws NarrowsError `array-invalid` for more or fewer values than the header states. */
function requireLength(bytes: number, { type, start, shape }: Header, name: string): void {
  const [rows, columns] = requireRows(shape, name);
  const missing = start + rows * columns * type.bytes - bytes;
  if (missing > 0) {
    const whole = Math.floor((bytes - start) / type.bytes / columns);
    throw arrayInvalid(name, `the file is truncated: ${whole} of ${rows} rows are complete`);
  }
  if (missing < 0) throw arrayInvalid(name, `the file has ${-missing} bytes after the ${rows} rows of its header`);
}

function requireNumbers({ type }: Header, name: string): void {
  if (type.kind === 'numbers') return;
  throw arrayInvalid(name, 'it contains text', 'save it as numbers: numpy.save(file, array.astype("float64"))');
}

const IS_HOST_LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** Brings values of `size` bytes into the byte order of the host, in place. */
function swapToHost(bytes: Uint8Array, size: number, littleEndian: boolean): void {
  if (size === 1 || littleEndian === IS_HOST_LITTLE_ENDIAN) return;
  const swapped = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (size === 2) swapped.swap16();
  else if (size === 4) swapped.swap32();
  else swapped.swap64();
}

/** Float32 holds every value of up to 16 bits, and itself. */
const precisionOf = ({ type }: Header): Precision =>
  type.kind === 'numbers' && (type.bytes <= 2 || type.View === Float32Array) ? Float32Array : Float64Array;

/** Interprets `bytes`, which start a buffer; another byte order is reversed in place. */
function decodeNumbers(bytes: Uint8Array<ArrayBuffer>, header: Header): Float32Array | Float64Array {
  const values = viewNumbers(bytes, header);
  if (values instanceof Float32Array || values instanceof Float64Array) return values;
  if (values instanceof BigInt64Array || values instanceof BigUint64Array) return Float64Array.from(values, Number);
  return new (precisionOf(header))(values);
}

function viewNumbers(bytes: Uint8Array<ArrayBuffer>, { type, littleEndian }: Header) {
  if (type.kind !== 'numbers') throw new RangeError('the values are text');
  swapToHost(bytes, type.bytes, littleEndian);
  return new type.View(bytes.buffer, bytes.byteOffset, bytes.byteLength / type.bytes);
}

/** Returns text, or whole numbers as text. Throws NarrowsError `array-invalid` for others. */
function decodeText(bytes: Uint8Array<ArrayBuffer>, header: Header, name: string): string[] {
  const { type, littleEndian } = header;
  if (type.kind === 'numbers') {
    if (type.isWhole) return Array.from(viewNumbers(bytes, header), String);
    throw arrayInvalid(name, 'it contains floats; ids, groups and series are text or integers', 'save it as integers');
  }
  if (type.encoding === 'utf-32') swapToHost(bytes, 4, littleEndian);
  const decode = type.encoding === 'latin1' ? decodeLatin1 : decodeUtf32;
  return Array.from({ length: bytes.length / type.bytes }, (_, i) =>
    decode(bytes.subarray(i * type.bytes, (i + 1) * type.bytes)),
  );
}

// numpy fills a field up with zeros.
const decodeLatin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1').replace(/\0+$/, '');
const decodeUtf32 = (bytes: Uint8Array): string => {
  const points = new Uint32Array(bytes.slice().buffer);
  let text = '';
  for (const point of points) text += point < CODE_POINTS ? String.fromCodePoint(point) : REPLACEMENT;
  return text.replace(/\0+$/, '');
};

const CODE_POINTS = 0x110000;

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
