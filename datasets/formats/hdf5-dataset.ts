/** A dataset of an HDF5 file: found by its path or as the default of a group, checked, and read. */
import { open } from 'node:fs/promises';
import type { Dataset, Group, Metadata } from 'h5wasm/node';
import { NarrowsError } from '../../errors.ts';
import { release, type SourceRows } from '../files/chunks.ts';
import type { NumberArray, Precision } from '../files/tiles.ts';
import { type ArrayInput, arrayInvalid, requireOneColumn } from './array-format.ts';
import { formatList, missingNameError } from './column-selection.ts';
import type { Block } from './hdf5-blocks.ts';

export interface Hdf5Dataset {
  /** As blocks address it: with the axes reversed where `isReversed`. */
  readonly storedShape: readonly number[];
  readonly chunks: readonly number[] | null;
  readonly bytesPerValue: number;
  /** Whether it is an array of MATLAB, which stores the first axis last. */
  readonly isReversed: boolean;
  /** Throws NarrowsError `array-invalid`. */
  requireNumbers(): { readonly shape: readonly number[]; readonly precision: Precision };
  /** Throws NarrowsError `array-invalid`. */
  requireText(): void;
  /** Returns the values of a block, unpacked, in a buffer of their own. */
  numbers(block: Block): SourceRows['data'];
  text(block: Block): string[];
}

/** Filters built into h5wasm: deflate (gzip), shuffle, fletcher32, szip, nbit, scaleoffset. */
const MAX_FILTER = 6;

type Library = typeof import('h5wasm/node');
type Module = Awaited<Library['ready']>;

/**
 * Opens the dataset during `use`; of a group of NeXus, the one that its attribute `wanted` names.
 * Errors of the library become NarrowsErrors `array-invalid`.
 */
export async function* withDataset<T>(
  { path, file: name, reference, member }: ArrayInput,
  wanted: 'signal' | 'axes',
  use: (dataset: Hdf5Dataset) => AsyncIterable<T> | Iterable<T>,
): AsyncGenerator<T> {
  // Loaded on demand: it takes 0.2 s.
  const library = await import('h5wasm/node');
  const module = await library.ready;
  // Without it a chunk that cannot be unpacked yields arbitrary memory, and its errors are printed.
  module.activate_throwing_error_handler();
  let opened: InstanceType<typeof library.File>;
  try {
    opened = new library.File(path, 'r');
  } catch (error) {
    throw await notHdf5Error(path, name, innermostReason(error));
  }
  try {
    if (member === undefined || member === '') {
      const names = listDatasets(opened);
      throw arrayInvalid(name, 'the reference names no dataset in it', `write ${name}#${names[0]}; it has ${formatList(names)}`);
    }
    const steps = `/${member.replace(/^\/+/, '')}`;
    const dataset = readOnlyThisFile(module, reference, () => findDataset(library, opened, steps, wanted, { name, reference }));
    if (dataset.metadata.virtual_sources) {
      throw arrayInvalid(reference, 'it is a virtual dataset, composed of other files', 'copy the data into one dataset');
    }
    const filter = dataset.filters.find(({ id }) => id > MAX_FILTER);
    if (filter) {
      const message = `its compression filter "${filter.name}" is not supported`;
      throw arrayInvalid(reference, message, 'save it with compression="gzip"');
    }
    yield* use(describeDataset(module, dataset, reference));
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

/** A NarrowsError `array-invalid` that names formats which share endings with HDF5. */
async function notHdf5Error(path: string, name: string, reason: string): Promise<NarrowsError> {
  await using file = await open(path);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(32), 0, 32, 0);
  const start = buffer.toString('latin1', 0, bytesRead);
  if (start.startsWith('MATLAB 5.0')) {
    return arrayInvalid(name, 'it is a MAT-file of an older version', 'save it in MATLAB with save(file, ..., "-v7.3")');
  }
  if (start.startsWith('CDF')) {
    return arrayInvalid(name, 'it is a netCDF file of version 3', `convert it: nccopy -k netCDF-4 ${name} new-${name}`);
  }
  return arrayInvalid(name, `it is not a valid HDF5 file (${reason})`);
}

/** Throws NarrowsError `array-invalid` where the path leads to no dataset. */
function findDataset(
  library: Library,
  file: InstanceType<Library['File']>,
  path: string,
  wanted: 'signal' | 'axes',
  { name, reference }: { readonly name: string; readonly reference: string },
): Dataset {
  const missing = () => missingNameError(name, 'dataset', path, listDatasets(file));
  let entity: unknown = file;
  for (const step of listPrefixes(path)) {
    if (!(entity instanceof library.Group)) throw missing();
    entity = file.get(step);
    if (entity === null || entity instanceof library.BrokenSoftLink) throw missing();
    if (entity instanceof library.ExternalLink || 'filename' in file.get_external_link(step)) {
      throw arrayInvalid(reference, `${step} is a link to another file`, 'name that file, or copy the dataset into this one');
    }
  }
  if (entity instanceof library.Dataset) return entity;
  if (!(entity instanceof library.Group)) throw missing();
  const group = entity as Group;
  const followed = followDefaults(group, wanted);
  if (followed !== null && followed !== path) return findDataset(library, file, followed, wanted, { name, reference });
  throw groupError(name, path, listDatasets(file));
}

/** Returns the path of the dataset or group that a group of NeXus names as its default; or null. */
function followDefaults(group: Group, wanted: 'signal' | 'axes'): string | null {
  const path = (child: string | undefined) => (child === undefined ? null : `${group.path === '/' ? '' : group.path}/${child}`);
  if (listText(group, 'signal').length > 0) return path(listText(group, wanted).at(-1));
  const [next] = listText(group, 'default');
  if (next !== undefined) return path(next);
  // Before 2014 the dataset was marked, and named its axes.
  for (const name of group.keys()) {
    const child = group.get(name);
    if (child === null || !('attrs' in child) || Number(child.attrs.signal?.json_value) !== 1) continue;
    return path(wanted === 'signal' ? name : listText(child, 'axes').at(-1));
  }
  return null;
}

/** Returns the names in an attribute, a list or text with colons between them; "." is none. */
const listText = ({ attrs }: Pick<Group, 'attrs'>, attribute: string): string[] =>
  [attrs[attribute]?.json_value ?? []]
    .flat()
    .flatMap((value) => (typeof value === 'string' ? value.split(':') : []))
    .filter((name) => name !== '.' && name !== '');

/** A NarrowsError `array-invalid` for a group, such as one of many with a spectrum each. */
function groupError(name: string, path: string, datasets: readonly string[]): NarrowsError {
  const within = path.replace(/\/*$/, '/');
  const parts = datasets
    .filter((dataset) => dataset.startsWith(within))
    .map((dataset) => dataset.slice(within.length).split('/'));
  const last = parts.findLast((steps) => steps.length > 1) ?? [];
  const alike = parts.filter((steps) => steps.length > 1 && steps.slice(1).join('/') === last.slice(1).join('/'));
  if (alike.length < 2) return missingNameError(name, 'dataset', path, datasets);
  const rest = last.slice(1).join('/');
  const parent = path === '/' ? 'file' : `file["${path}"]`;
  return arrayInvalid(
    name,
    `"${path}" is a group, in which ${alike.length} groups have a dataset "${rest}" each`,
    `stack them into one dataset, a row for each: file["Y"] = numpy.stack([${parent}[n]["${rest}"][()] for n in names])`,
  );
}

/** "/a/b/c" -> "/a", "/a/b", "/a/b/c". */
function listPrefixes(path: string): string[] {
  const parts = path.split('/').filter((part) => part !== '');
  return parts.map((_, i) => `/${parts.slice(0, i + 1).join('/')}`);
}

function listDatasets(file: { paths(): string[]; get(path: string): unknown }): string[] {
  const isDataset = (path: string): boolean => {
    try {
      return (file.get(path) as { type?: string } | null)?.type === 'Dataset';
    } catch {
      // A link to another file, which is not opened.
      return false;
    }
  };
  return file
    .paths()
    .map((path) => `/${path}`)
    .filter(isDataset);
}

/** Returns the innermost reason in an error of the library: the others are its stack frames. */
function innermostReason(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const frames = [...text.matchAll(/^ *#\d+: .*\(\): (.*)$/gm)].map(([, reason]) => reason);
  return frames.at(-1) ?? text.split('\n')[0] ?? '';
}

/** Values of H5T_class_t in the HDF5 library. */
const CLASS = { integer: 0, float: 1, string: 3, enumeration: 8 } as const;
const KINDS = ['integers', 'floats', 'times', 'text', 'bit fields', 'opaque bytes', 'records', 'references', 'an enumeration'];
const kindOf = (type: number): string => KINDS[type] ?? 'lists of variable length';

function describeDataset(module: Module, dataset: Dataset, reference: string): Hdf5Dataset {
  const { metadata, attrs } = dataset;
  const { type, size, chunks } = metadata;
  const storedShape = metadata.shape ?? [];
  const isHalf = type === CLASS.float && size === 2;
  const isReversed = 'MATLAB_class' in attrs && storedShape.length > 1;
  const shape = isReversed ? storedShape.toReversed() : storedShape;
  const refuse = (why: string, fix?: string) => arrayInvalid(reference, why, fix);
  /** Returns the numbers of an attribute, also of text; without it, none. */
  const numbersOf = (name: string): number[] => {
    try {
      const values = [attrs[name]?.json_value ?? []].flat(2).map((value) => (value === '' ? Number.NaN : Number(value)));
      return values.filter((value) => !Number.isNaN(value));
    } catch (error) {
      throw refuse(`its attribute "${name}" cannot be read (${innermostReason(error)})`, 'write it as float32 or float64');
    }
  };
  const factorOf = (name: string, fallback: number): number => {
    if (!(name in attrs)) return fallback;
    const [value] = numbersOf(name);
    if (value === undefined) throw refuse(`its attribute "${name}" is not a number`, 'correct it, or unpack the values');
    return value;
  };
  const [factor, offset] = [factorOf('scale_factor', 1), factorOf('add_offset', 0)];
  const isPacked = factor !== 1 || offset !== 0;
  // A fill value may be written with more digits than the values have.
  const fills = ['_FillValue', 'missing_value'].flatMap(numbersOf).flatMap((fill) => [fill, Math.fround(fill)]);
  // The library cannot read floats of 16 bits, but integers.
  if (isHalf) Object.assign(metadata, { type: CLASS.integer });
  const read = (block: Block) => readOnlyThisFile(module, reference, () => dataset.slice(block));
  const needsFloat64 = isPacked || (size > 2 && !(type === CLASS.float && size === 4));
  const requireShape = () => {
    if (metadata.shape === null) throw refuse('it is empty');
    if (metadata.shape.length === 0) throw refuse('it is a single value, without rows');
  };
  return {
    storedShape,
    chunks,
    bytesPerValue: size,
    isReversed,
    requireNumbers() {
      const matlabClass = attrs.MATLAB_class?.json_value;
      if (matlabClass === 'char' || matlabClass === 'cell') {
        throw refuse(`it contains ${matlabClass === 'char' ? 'text' : 'cells'} of MATLAB`, 'save a matrix of numbers');
      }
      const isFloat = type === CLASS.float && (isHalf || size === 4 || size === 8);
      if (type !== CLASS.integer && !isFloat && !isBoolean(metadata)) throw unsupportedError(metadata, reference);
      requireShape();
      return { shape, precision: needsFloat64 ? Float64Array : Float32Array };
    },
    requireText() {
      if (type !== CLASS.string && type !== CLASS.integer && !isBoolean(metadata)) {
        const fix = 'save it as integers: dataset.astype("int64")';
        throw refuse(
          `it contains ${kindOf(type)}; ids, groups and series are text or integers`,
          type === CLASS.float ? fix : undefined,
        );
      }
      requireShape();
      requireOneColumn(shape, reference);
    },
    text: (block) => Array.from(read(block) as Iterable<string | number | bigint>, String),
    numbers(block) {
      const raw = read(block) as NumberArray | BigInt64Array | BigUint64Array;
      const values = toFloats(isHalf ? new Float16Array(raw.buffer) : raw, needsFloat64);
      const missing = fills.length === 0 ? -1 : values.findIndex((value) => fills.includes(value));
      if (missing >= 0) throw missingValueError(reference, values[missing] as number, positionOf(block, missing, isReversed));
      if (isPacked) for (let i = 0; i < values.length; i++) values[i] = (values[i] as number) * factor + offset;
      return values;
    },
  };
}

/** h5py stores flags as an enumeration. */
const isBoolean = ({ type, size, enum_type }: Metadata): boolean =>
  type === CLASS.enumeration && size === 1 && enum_type?.members.FALSE === 0 && enum_type.members.TRUE === 1;

function unsupportedError({ type, size, compound_type }: Metadata, reference: string): NarrowsError {
  const kind = type === CLASS.float ? `floats of ${8 * size} bits` : kindOf(type);
  const fields = compound_type?.members.map(({ name }) => name) ?? [];
  const isComplex = fields.join() === 'r,i' || fields.join() === 'real,imag';
  const fix = isComplex
    ? 'complex numbers: save the part that is meant: array.real, array.imag or numpy.abs(array)'
    : fields.length > 0
      ? `save each field as a dataset of its own: file["${fields[0]}"] = records["${fields[0]}"]; its fields are ${formatList(fields)}`
      : 'save it as float32, float64 or integers: dataset.astype("float32")';
  return arrayInvalid(reference, `it contains ${kind}`, fix);
}

/** Converts to float32 or float64, and frees the source if it is another array. */
function toFloats(raw: NumberArray | BigInt64Array | BigUint64Array, needsFloat64: boolean): SourceRows['data'] {
  if (raw instanceof Float64Array || (raw instanceof Float32Array && !needsFloat64)) return raw;
  const isWide = raw instanceof BigInt64Array || raw instanceof BigUint64Array;
  const values = isWide ? Float64Array.from(raw, Number) : new (needsFloat64 ? Float64Array : Float32Array)(raw);
  release(raw.buffer);
  return values;
}

/** Returns row and column of a value of a block, columns over all axes of a row together. */
function positionOf(block: Block, index: number, isReversed: boolean): [row: number, column: number | null] {
  const lengths = block.map(([from, to]) => to - from);
  let rest = index;
  const indices = lengths.toReversed().map((length, i) => {
    const at = rest % length;
    rest = Math.floor(rest / length);
    return at + (block[block.length - 1 - i]?.[0] ?? 0);
  });
  const [row = 0, ...others] = isReversed ? indices : indices.toReversed();
  return [row, others.length === 1 ? (others[0] ?? 0) : null];
}

function missingValueError(reference: string, fill: number, [row, column]: readonly [number, number | null]): NarrowsError {
  const where = column === null ? `row ${row}` : `row ${row}, column ${column}`;
  return new NarrowsError('array-invalid', `${reference}: ${where} is missing: it has the fill value ${fill}`, {
    path: `${reference}[${column === null ? row : `${row}, ${column}`}]`,
    fix: 'remove the row (counted from 0) from every array, or fill in the value',
  });
}

const CREATES_FILE = 0o100;

/**
 * Throws NarrowsError `array-invalid` where the library opens another file: for values, or to
 * follow a link. That file is not opened.
 */
function readOnlyThisFile<T>({ FS }: Module, reference: string, read: () => T): T {
  const { open } = FS;
  let other: string | null = null;
  FS.open = (path, flags, ...rest) => {
    // Files that it creates are its own, for messages.
    const isOwn = (Number(flags) & CREATES_FILE) !== 0;
    if (!isOwn) other = path.split('/').at(-1) ?? path;
    return open(isOwn ? path : '/dev/null', flags, ...rest);
  };
  try {
    const values = read();
    if (other === null) return values;
  } catch (error) {
    if (other === null || error instanceof NarrowsError) throw error;
  } finally {
    FS.open = open;
  }
  throw arrayInvalid(reference, `its values are in another file, ${other}`, 'copy the data into this file');
}
