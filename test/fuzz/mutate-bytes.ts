/** Mutations of bytes, blind and of the fields of zip, npy and Parquet. */
import { type Unzipped, unzipSync, zipSync } from 'fflate';
import type { Draw } from './draw.ts';

/** Counts, lengths and offsets at which readers go wrong. */
const INTEGERS = [
  ...[0n, 1n, -1n, 2n, 3n, 7n, 8n, 16n, 64n, 127n, 128n, 255n, 256n, 32767n, 32768n, 65535n, 65536n, 10n ** 6n, 10n ** 9n],
  ...[2n ** 31n - 1n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 32n, 10n ** 10n, 2n ** 53n, 2n ** 62n, 2n ** 63n - 1n, 2n ** 63n],
] as const;
/** Longest mutated file. */
const MAX_BYTES = 200_000;

export type ByteMutation = (draw: Draw, bytes: Buffer, donor: Buffer) => Buffer;

const splice = (bytes: Buffer, at: number, removed: number, inserted: Uint8Array): Buffer =>
  Buffer.concat([bytes.subarray(0, at), inserted, bytes.subarray(at + removed)]).subarray(0, MAX_BYTES);

/** Overwrites a field of 1, 2, 4 or 8 bytes at `at` by a hostile integer. */
function overwrite(draw: Draw, bytes: Buffer, at: number, width = draw.pick([1, 2, 4, 8])): Buffer {
  const field = Buffer.alloc(8);
  field.writeBigUInt64LE(BigInt.asUintN(64, draw.pick(INTEGERS)));
  const written = field.subarray(0, width);
  if (draw.chance(0.2)) written.reverse();
  return splice(bytes, at, width, written);
}

const range = (draw: Draw, length: number): [at: number, count: number] => {
  const at = draw.below(length + 1);
  return [at, draw.below(Math.min(64, length - at) + 1)];
};

export const BLIND: readonly ByteMutation[] = [
  (draw, bytes) => {
    const mutated = Buffer.from(bytes);
    if (mutated.length > 0) {
      const at = draw.below(mutated.length);
      mutated[at] = (mutated[at] as number) ^ (1 << draw.below(8));
    }
    return mutated;
  },
  (draw, bytes) => overwrite(draw, bytes, draw.below(bytes.length + 1)),
  // Headers are where the numbers are that a reader trusts.
  (draw, bytes) => overwrite(draw, bytes, draw.below(Math.min(bytes.length, 256) + 1)),
  (draw, bytes) => bytes.subarray(0, draw.below(bytes.length + 1)),
  (draw, bytes) => Buffer.concat([bytes, draw.chance(0.5) ? draw.bytes(draw.below(64)) : Buffer.alloc(draw.below(4096))]),
  (draw, bytes) => splice(bytes, ...range(draw, bytes.length), Buffer.alloc(0)),
  (draw, bytes) => {
    const [at, count] = range(draw, bytes.length);
    return splice(bytes, at, 0, bytes.subarray(at, at + count));
  },
  (draw, bytes) => {
    const [at, count] = range(draw, bytes.length);
    return splice(bytes, at, count, draw.chance(0.5) ? Buffer.alloc(count) : draw.bytes(count));
  },
  (draw, bytes, donor) => {
    const [from, count] = range(draw, donor.length);
    return splice(bytes, draw.below(bytes.length + 1), draw.chance(0.5) ? count : 0, donor.subarray(from, from + count));
  },
  (draw, bytes, donor) =>
    Buffer.concat([bytes.subarray(0, draw.below(bytes.length + 1)), donor.subarray(draw.below(donor.length + 1))]),
];

const SHAPES = [
  '()',
  '(0,)',
  '(-1, 3)',
  '(1, 10000000)',
  '(1, 1000000000)',
  '(4294967296, 2)',
  '(12, 9007199254740993)',
  '(12,)',
];
const DESCRIPTIONS = ['<f4', '>f8', '<f2', '|b1', '<i8', '|O', '<U4', '|S0', '<U99999999', '<c16', '<f16', "', [("] as const;

/** Rewrites one entry of the dictionary of a .npy header, its length included. */
export const mutateNpy: ByteMutation = (draw, bytes) => {
  if (bytes.length < 10 || draw.chance(0.2)) return overwrite(draw, bytes, draw.below(10));
  const length = bytes.readUInt16LE(8);
  const header = bytes.subarray(10, 10 + length).toString('latin1');
  const changed = draw.pick([
    () => header.replace(/\([^)]*\)/, draw.pick(SHAPES)),
    () => header.replace('False', 'True').replace(/\([^)]*\)/, draw.chance(0.5) ? draw.pick(SHAPES) : '$&'),
    () => header.replace(/'[<>|=][^']*'/, `'${draw.pick(DESCRIPTIONS)}'`),
    () => header.replace('shape', draw.pick(['shap', 'shape\0', 'descr'])),
    () => header.replaceAll(' ', ''),
    () => header.slice(0, draw.below(header.length + 1)),
  ])();
  const size = Buffer.alloc(2);
  size.writeUInt16LE(Math.min(0xffff, changed.length));
  return Buffer.concat([bytes.subarray(0, 8), size, Buffer.from(changed, 'latin1'), bytes.subarray(10 + length)]);
};

/** Mutates the footer of a Parquet file, which describes the rest, or its length. */
export const mutateParquet: ByteMutation = (draw, bytes, donor) => {
  if (bytes.length < 12 || draw.chance(0.1)) return overwrite(draw, bytes, Math.max(0, bytes.length - 8), 4);
  const footer = Math.max(4, bytes.length - 8 - bytes.readUInt32LE(bytes.length - 8));
  const mutated = draw.pick(BLIND)(draw, bytes.subarray(footer, -8), donor);
  const end = Buffer.from(bytes.subarray(-8));
  end.writeUInt32LE(mutated.length);
  return Buffer.concat([bytes.subarray(0, footer), mutated, end]);
};

/** Fields of a local header, an entry of the directory and its end: offset and width. */
const ZIP_FIELDS: Readonly<Record<string, readonly (readonly [number, number])[]>> = {
  'PK\x03\x04': [
    [6, 2],
    [8, 2],
    [14, 4],
    [18, 4],
    [22, 4],
    [26, 2],
    [28, 2],
  ],
  'PK\x01\x02': [
    [8, 2],
    [10, 2],
    [16, 4],
    [20, 4],
    [24, 4],
    [28, 2],
    [30, 2],
    [32, 2],
    [38, 4],
    [42, 4],
  ],
  'PK\x05\x06': [
    [4, 2],
    [8, 2],
    [10, 2],
    [12, 4],
    [16, 4],
    [20, 2],
  ],
};
const MEMBERS = [
  '../outside',
  '/absolute',
  'a\\b',
  'X.npy\0',
  'dataset.yaml/x',
  '.',
  'x'.repeat(5000),
  'a/'.repeat(500),
  '\u202ex',
];

/** Mutates a field of a zip archive. */
export const mutateZip: ByteMutation = (draw, bytes) => {
  const [signature, fields] = draw.pick(Object.entries(ZIP_FIELDS));
  const places: number[] = [];
  for (let at = bytes.indexOf(signature, 0, 'latin1'); at >= 0; at = bytes.indexOf(signature, at + 4, 'latin1')) places.push(at);
  if (places.length === 0) return draw.pick(BLIND)(draw, bytes, bytes);
  const [offset, width] = draw.pick(fields);
  return overwrite(draw, bytes, draw.pick(places) + offset, width);
};

/** Mutates a member of a zip archive, or its name; the archive itself stays sound. */
export function mutateMember(draw: Draw, bytes: Buffer, mutate: (name: string, member: Buffer) => Buffer): Buffer {
  let members: Unzipped;
  try {
    members = unzipSync(bytes);
  } catch {
    return bytes;
  }
  const names = Object.keys(members);
  if (names.length === 0) return bytes;
  const name = draw.pick(names);
  const member = Buffer.from(members[name] as Uint8Array<ArrayBuffer>);
  if (draw.chance(0.2)) members[draw.pick(MEMBERS)] = member;
  else members[name] = new Uint8Array(mutate(name, member));
  if (draw.chance(0.1)) delete members[draw.pick(names)];
  return Buffer.from(zipSync(members, { level: draw.pick([0, 6]) }));
}
