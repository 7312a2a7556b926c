/** The .npy format of numpy (NEP 1): float32 and float64, both byte orders, C and Fortran order, one or two axes. */
import { NarrowsError } from '../infra/errors.ts';
import type { Matrix } from '../models/axes.ts';

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

/** Reads [N, D], or [N] as one column. `name` is what errors call the array. Throws NarrowsError `array-invalid`. */
export function readNpy(bytes: Uint8Array, name: string): Matrix {
  const { shape } = readHeader(bytes, name);
  if (shape.length > 2) {
    throw invalid(name, `it has the shape (${shape.join(', ')}); one row per structure and one column per value are needed`);
  }
  return readNpyRows(bytes, name);
}

/**
 * Reads [N, ...], all axes but the first as columns: geometries. float32 in C order is not copied where it is aligned: the matrix then lies on
 * `bytes`. Of more than two axes, columns come in the file's own order. Throws NarrowsError `array-invalid`.
 */
export function readNpyRows(bytes: Uint8Array, name: string): Matrix {
  const header = readHeader(bytes, name);
  const { bytesPerValue, littleEndian, fortran, start } = header;
  const [rows, columns] = requireLength(bytes, header, name);
  const asStored = bytesPerValue === 4 && littleEndian && !fortran;
  if (asStored && (bytes.byteOffset + start) % 4 === 0) {
    return { rows, columns, data: new Float32Array(bytes.buffer, bytes.byteOffset + start, rows * columns) };
  }
  const data = new Float32Array(rows * columns);
  fill(data, bytes, header, rows, columns);
  return { rows, columns, data };
}

/** Reads [N] or [N, 1] without rounding to float32: energies. Throws NarrowsError `array-invalid`. */
export function readNpyColumn(bytes: Uint8Array, name: string): Float64Array {
  const header = readHeader(bytes, name);
  const [rows, columns] = requireLength(bytes, header, name);
  if (columns !== 1) throw invalid(name, `it has the shape (${header.shape.join(', ')}); one column is needed`);
  const data = new Float64Array(rows);
  fill(data, bytes, header, rows, 1);
  return data;
}

/** [rows, columns] with all axes but the first as one. Throws where the file holds more or fewer values than its header names. */
function requireLength(bytes: Uint8Array, { shape, bytesPerValue, start }: Header, name: string): readonly [number, number] {
  const [rows = 0, ...others] = shape;
  const columns = others.reduce((product, length) => product * length, 1);
  if (columns === 0) throw invalid(name, `it has the shape (${shape.join(', ')}), no columns`);
  const missing = start + rows * columns * bytesPerValue - bytes.length;
  if (missing > 0) {
    const whole = Math.floor((bytes.length - start) / bytesPerValue / columns);
    throw invalid(name, `the file is cut short: ${whole} whole rows of the ${rows} that its header names`);
  }
  if (missing < 0) throw invalid(name, `the file goes on for ${-missing} bytes behind the ${rows} rows that its header names`);
  return [rows, columns];
}

function fill(data: Float32Array | Float64Array, bytes: Uint8Array, header: Header, rows: number, columns: number): void {
  const { bytesPerValue, littleEndian, fortran, start } = header;
  const view = new DataView(bytes.buffer, bytes.byteOffset + start);
  const read =
    bytesPerValue === 4
      ? (i: number) => view.getFloat32(i * 4, littleEndian)
      : (i: number) => view.getFloat64(i * 8, littleEndian);
  const [rowStep, columnStep] = fortran ? [1, rows] : [columns, 1];
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) data[row * columns + column] = read(row * rowStep + column * columnStep);
}

function readHeader(bytes: Uint8Array, name: string): Header {
  const text = (from: number, to: number) => String.fromCharCode(...bytes.subarray(from, to));
  if (bytes.length < 10 || text(0, 6) !== MAGIC) throw invalid(name, 'this is no .npy file');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const major = bytes[6] as number;
  if (major < 1 || major > 3) throw invalid(name, `version ${major} of the .npy format is not known`);
  const before = major === 1 ? 10 : 12;
  if (bytes.length < before) throw invalid(name, 'the file is cut short in its header');
  const start = before + (major === 1 ? view.getUint16(8, true) : view.getUint32(8, true));
  if (bytes.length < start) throw invalid(name, 'the file is cut short in its header');
  const header = new TextDecoder('latin1').decode(bytes.subarray(before, start));
  const descr = /'descr':\s*'([^']*)'/.exec(header)?.[1];
  const order = /'fortran_order':\s*(True|False)/.exec(header)?.[1];
  const shape = /'shape':\s*\(([^)]*)\)/.exec(header)?.[1];
  if (order === undefined || shape === undefined) throw invalid(name, 'its header has no shape or order');
  const dtype = /^([<>=|])f([48])$/.exec(descr ?? '');
  if (!dtype) {
    throw invalid(
      name,
      `its type is ${descr ?? 'a structured one'}`,
      'save it as float32 or float64: numpy.save(file, array.astype("float32"))',
    );
  }
  const axes = shape
    .split(',')
    .filter((axis) => axis.trim() !== '')
    .map(Number);
  if (axes.length === 0) throw invalid(name, 'it is a single number, without rows');
  if (axes.some((axis) => !Number.isSafeInteger(axis) || axis < 0)) throw invalid(name, `its header names the shape (${shape})`);
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
  const dictionary = `{'descr': '${descrOf(data)}', 'fortran_order': False, 'shape': (${axes}), }`;
  const length = Math.ceil((10 + dictionary.length + 1) / 64) * 64;
  const header = `${dictionary.padEnd(length - 11)}\n`;
  const bytes = new Uint8Array(length + data.byteLength);
  for (let i = 0; i < MAGIC.length; i++) bytes[i] = MAGIC.charCodeAt(i);
  bytes[6] = 1;
  new DataView(bytes.buffer).setUint16(8, header.length, true);
  bytes.set(new TextEncoder().encode(header), 10);
  bytes.set(littleEndian(data), length);
  return bytes;
}

function descrOf(data: NpyArray['data']): string {
  if (data instanceof Uint32Array) return '<u4';
  return data instanceof Float32Array ? '<f4' : '<f8';
}

/** The values' bytes as little-endian machines have them. */
export function littleEndian(data: Float32Array | Float64Array | Uint32Array | BigInt64Array): Uint8Array {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  if (new Uint8Array(Uint16Array.of(1).buffer)[0] === 1) return bytes;
  const swapped = bytes.slice();
  for (let at = 0; at < swapped.length; at += data.BYTES_PER_ELEMENT) swapped.subarray(at, at + data.BYTES_PER_ELEMENT).reverse();
  return swapped;
}

export function invalid(name: string, why: string, fix?: string): NarrowsError {
  return new NarrowsError('array-invalid', `${name}: ${why}`, { path: name, fix });
}
