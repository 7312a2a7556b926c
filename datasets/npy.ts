/** The .npy format of numpy (NEP 1): float32 and float64, both byte orders, C and Fortran order, one or two axes. */
import { NarrowsError } from '../infra/errors.ts';
import type { Matrix } from '../models/axes.ts';

const MAGIC = '\x93NUMPY';

interface Header {
  readonly bytesPerValue: 4 | 8;
  readonly littleEndian: boolean;
  readonly fortran: boolean;
  readonly shape: readonly number[];
  readonly start: number;
}

/** Reads [N, D], or [N] as one column. `name` is what errors call the array. Throws NarrowsError `array-invalid`. */
export function readNpy(bytes: Uint8Array, name: string): Matrix {
  const header = readHeader(bytes, name);
  const [rows = 1, columns = 1] = header.shape;
  const count = rows * columns;
  const expected = header.start + count * header.bytesPerValue;
  if (bytes.length !== expected) {
    const whole = Math.floor((bytes.length - header.start) / header.bytesPerValue / columns);
    throw invalid(
      name,
      bytes.length < expected
        ? `the file is cut short: ${whole} whole rows of the ${rows} that its header names`
        : `the file goes on for ${bytes.length - expected} bytes behind the ${rows} rows that its header names`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset + header.start);
  const read =
    header.bytesPerValue === 4
      ? (i: number) => view.getFloat32(i * 4, header.littleEndian)
      : (i: number) => view.getFloat64(i * 8, header.littleEndian);
  const data = new Float32Array(count);
  if (header.fortran) {
    for (let row = 0; row < rows; row++)
      for (let column = 0; column < columns; column++) data[row * columns + column] = read(column * rows + row);
  } else {
    for (let i = 0; i < count; i++) data[i] = read(i);
  }
  return { rows, columns, data };
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
  const header = text(before, start);
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
  if (axes.length < 1 || axes.length > 2 || axes.some((axis) => !Number.isSafeInteger(axis))) {
    throw invalid(name, `it has the shape (${shape}); one row per structure and one column per value are needed`);
  }
  return {
    bytesPerValue: dtype[2] === '4' ? 4 : 8,
    littleEndian: dtype[1] !== '>',
    fortran: order === 'True',
    shape: axes,
    start,
  };
}

/** float32, little-endian, C order, version 1.0: what numpy.save writes. */
export function writeNpy({ rows, columns, data }: Matrix): Uint8Array {
  const dictionary = `{'descr': '<f4', 'fortran_order': False, 'shape': (${rows}, ${columns}), }`;
  const length = Math.ceil((10 + dictionary.length + 1) / 64) * 64;
  const header = `${dictionary.padEnd(length - 11)}\n`;
  const bytes = new Uint8Array(length + data.length * 4);
  for (let i = 0; i < MAGIC.length; i++) bytes[i] = MAGIC.charCodeAt(i);
  bytes[6] = 1;
  const view = new DataView(bytes.buffer);
  view.setUint16(8, header.length, true);
  bytes.set(new TextEncoder().encode(header), 10);
  data.forEach((value, i) => {
    view.setFloat32(length + i * 4, value, true);
  });
  return bytes;
}

export function invalid(name: string, why: string, fix?: string): NarrowsError {
  return new NarrowsError('array-invalid', `${name}: ${why}`, { path: name, fix });
}
