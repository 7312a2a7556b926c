/** The header of an .npy file: type, order and shape of its values (NEP 1). */
import { arrayInvalid } from './array-format.ts';

/** The first bytes of a file. */
export const MAGIC = '\x93NUMPY';

/** Longer headers do not describe an array of numbers. */
export const MAX_HEADER_BYTES = 2 ** 20;

export interface Header {
  readonly type: ValueType;
  readonly littleEndian: boolean;
  readonly fortran: boolean;
  /** One entry per axis, at least one. */
  readonly shape: readonly number[];
  /** Offset of the first value. */
  readonly start: number;
}

/** Numbers, with the array that holds them, or text: bytes or UTF-32. */
export type ValueType =
  | { readonly kind: 'numbers'; readonly bytes: number; readonly View: NumberView; readonly isWhole: boolean }
  | { readonly kind: 'text'; readonly bytes: number; readonly encoding: 'latin1' | 'utf-32' };

type NumberView = new (
  buffer: ArrayBuffer,
  offset: number,
  length: number,
) => ArrayLike<number | bigint> & NodeJS.TypedArray<ArrayBuffer>;

const NUMBERS: Readonly<Record<string, NumberView>> = {
  f2: Float16Array,
  f4: Float32Array,
  f8: Float64Array,
  b1: Uint8Array,
  i1: Int8Array,
  i2: Int16Array,
  i4: Int32Array,
  i8: BigInt64Array,
  u1: Uint8Array,
  u2: Uint16Array,
  u4: Uint32Array,
  u8: BigUint64Array,
};

/** Returns the offset of the first value, which may be beyond `bytes`. */
export function findHeaderEnd(bytes: Uint8Array): number {
  if (bytes.length < 10) return 10;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes[6] === 1) return 10 + view.getUint16(8, true);
  return 12 + (bytes.length < 12 ? 0 : view.getUint32(8, true));
}

/** Throws NarrowsError `array-invalid`. */
export function readHeader(bytes: Uint8Array, name: string): Header {
  const isNpy = bytes.length >= 10 && String.fromCharCode(...bytes.subarray(0, 6)) === MAGIC;
  if (!isNpy) throw arrayInvalid(name, 'it is not a valid .npy file');
  const major = bytes[6] ?? 0;
  if (major < 1 || major > 3) throw arrayInvalid(name, `version ${major} of the .npy format is not supported`);
  const start = findHeaderEnd(bytes);
  if (bytes.length < start) throw arrayInvalid(name, 'the file is truncated in its header');
  const header = new TextDecoder('latin1').decode(bytes.subarray(major === 1 ? 10 : 12, start));
  const order = /'fortran_order':\s*(True|False)/.exec(header)?.[1];
  const shape = /'shape':\s*\(([^)]*)\)/.exec(header)?.[1];
  if (order === undefined || shape === undefined) throw arrayInvalid(name, 'its header has no shape or order');
  const axes = shape
    .split(',')
    .filter((axis) => axis.trim() !== '')
    .map(Number);
  const descr = /'descr':\s*(?:'([^']*)'|(\[.*\]))/s.exec(header);
  const type = parseType(descr?.[1] ?? '');
  if (type === null) throw typeError(name, descr?.[1], descr?.[2], axes.length === 0);
  if (axes.length === 0) throw arrayInvalid(name, 'it is a single number, without rows');
  if (axes.some((axis) => !Number.isSafeInteger(axis) || axis < 0))
    throw arrayInvalid(name, `the shape (${shape}) of its header is not valid`);
  return { type, littleEndian: descr?.[1]?.[0] !== '>', fortran: order === 'True', shape: axes, start };
}

function parseType(descr: string): ValueType | null {
  const [, code = '', size = ''] = /^[<>=|]?([a-zA-Z])(\d+)$/.exec(descr) ?? [];
  const bytes = Number(size);
  if (code === 'S' && bytes > 0) return { kind: 'text', bytes, encoding: 'latin1' };
  if (code === 'U' && bytes > 0) return { kind: 'text', bytes: 4 * bytes, encoding: 'utf-32' };
  const View = NUMBERS[`${code}${size}`];
  return View === undefined ? null : { kind: 'numbers', bytes, View, isWhole: code !== 'f' };
}

/** A NarrowsError `array-invalid` that says how to save values of an unsupported type. */
function typeError(name: string, descr: string | undefined, fields: string | undefined, isSingle: boolean) {
  if (fields !== undefined) {
    const names = [...fields.matchAll(/\('([^']+)'/g)].map(([, field]) => field);
    const one = `numpy.save(file, array["${names[0] ?? 'field'}"])`;
    const all = 'numpy.save(file, numpy.lib.recfunctions.structured_to_unstructured(array))';
    return arrayInvalid(
      name,
      `its data type is structured (${names.join(', ')})`,
      `save one field, ${one}, or all as columns, ${all}`,
    );
  }
  const kind = /^[<>=|]?([a-zA-Z])/.exec(descr ?? '')?.[1];
  if (kind === 'O' && isSingle) {
    const fix =
      'save each array by itself: numpy.savez("data.npz", **numpy.load(file, allow_pickle=True).item()), then data.npz#name';
    return arrayInvalid(name, 'it contains a Python object, such as a dict, not an array', fix);
  }
  if (kind === 'O') {
    const fix =
      'rows of the same length become an array by numpy.save(file, numpy.stack(list(array)).astype("float64")); others need one grid first';
    return arrayInvalid(name, 'it contains Python objects, such as lists of different lengths, not numbers', fix);
  }
  if (kind === 'c') {
    const fix = 'save the part that is meant: numpy.save(file, array.real), array.imag or numpy.abs(array)';
    return arrayInvalid(name, `its data type is ${descr}: complex numbers`, fix);
  }
  const fix = 'save it as float32 or float64: numpy.save(file, array.astype("float64"))';
  return arrayInvalid(name, `its data type is ${descr ?? 'unknown'}`, fix);
}
