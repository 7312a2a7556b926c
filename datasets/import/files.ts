/** The files of a dataset folder as bytes: in pieces, hashed as they pass, and refused where they change between two looks. */
import { createHash } from 'node:crypto';
import { open, stat } from 'node:fs/promises';
import { isAbsolute, join, normalize, sep } from 'node:path';
import { NarrowsError } from '../../errors.ts';
import { readZipMember, ZipError } from '../files/zip.ts';
import { arrayInvalid } from '../formats/npy.ts';

export interface DatasetFiles {
  /** Where a file lies. Throws NarrowsError `path-outside`. */
  path(file: string): string;
  /** The bytes of a file, in order; hashed as they pass. A piece is good until the next is asked for. */
  stream(file: string): AsyncIterable<Uint8Array>;
  /** The same, not hashed: for its beginning. */
  pieces(file: string): AsyncIterable<Uint8Array>;
  /** The bytes that a reference to one array stands for: those of its file, or of a member of an archive, unpacked. Hashed as they pass. */
  content(reference: string): AsyncIterable<Uint8Array>;
  /** Hashes the whole file, unless it still is as it was when it was last hashed. */
  ensureHashed(reference: string): Promise<void>;
  /** sha256 of the raw bytes of a file, or of a member of an archive: what the version is made of. */
  hash(reference: string): Promise<string>;
}

/** A reference is a file, and behind a `#` what of it is meant. */
export interface ArrayReference {
  readonly file: string;
  readonly member: string | undefined;
}

export function parseReference(reference: string): ArrayReference {
  const at = reference.indexOf('#');
  return at < 0 ? { file: reference, member: undefined } : { file: reference.slice(0, at), member: reference.slice(at + 1) };
}

export const isArchive = (file: string): boolean => /\.(npz|zip)$/.test(file);

/** A file that is read twice must be the same both times, and must not change meanwhile: NarrowsError `file-changed`. */
export function openDatasetFiles(directory: string): DatasetFiles {
  const hashes = new Map<string, string>();
  /** Size and times of a file when it was last hashed. */
  const states = new Map<string, string>();
  const path = (file: string) => resolveWithin(directory, file);
  const keepHash = (reference: string, hash: string) => {
    if ((hashes.get(reference) ?? hash) !== hash) throw changedError(reference);
    hashes.set(reference, hash);
  };
  /** Passes bytes of a file on, and keeps their hash when all have passed. */
  async function* hashed(reference: string, file: string, pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    const before = await statFile(path(file), file);
    const hash = createHash('sha256');
    for await (const piece of pieces) {
      hash.update(piece);
      yield piece;
    }
    keepHash(reference, hash.digest('hex'));
    if ((await statFile(path(file), file)) !== before) throw changedError(file);
    if (reference === file) states.set(file, before);
  }
  const stream = (file: string) => hashed(file, file, readPieces(path(file), file));
  async function* content(reference: string): AsyncGenerator<Uint8Array> {
    const { file, member: part } = parseReference(reference);
    if (isArchive(file) && part !== undefined) yield* hashed(reference, file, npzMember(path(file), file, part));
    else {
      yield* stream(file);
      keepHash(reference, hashes.get(file) as string);
    }
  }
  const pass = async (reference: string): Promise<void> => {
    const { file } = parseReference(reference);
    const state = await statFile(path(file), file);
    if (states.get(file) !== state) for await (const _ of stream(file));
    keepHash(reference, hashes.get(file) as string);
  };
  return {
    path,
    stream,
    pieces: (file) => readPieces(path(file), file),
    content,
    ensureHashed: pass,
    async hash(reference) {
      const { file, member: part } = parseReference(reference);
      if (hashes.has(reference)) return hashes.get(reference) as string;
      if (isArchive(file) && part !== undefined) for await (const _ of content(reference));
      else await pass(reference);
      return hashes.get(reference) as string;
    },
  };
}

/** A read of half a millisecond. */
const STREAM_BYTES = 1 << 20;

/** One buffer for all of the file: a new one for each piece is freed late, and adds up. */
async function* readPieces(path: string, name: string): AsyncGenerator<Uint8Array> {
  const reading = async <T>(step: Promise<T>) => {
    try {
      return await step;
    } catch (error) {
      throw unreadableError(path, name, error);
    }
  };
  const file = await reading(open(path));
  try {
    const buffer = new Uint8Array(STREAM_BYTES);
    for (;;) {
      const { bytesRead } = await reading(file.read(buffer, 0, STREAM_BYTES));
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

async function statFile(path: string, name: string): Promise<string> {
  try {
    const { ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
    return [ino, size, mtimeNs, ctimeNs].join(' ');
  } catch (error) {
    throw unreadableError(path, name, error);
  }
}

function resolveWithin(directory: string, name: string): string {
  if (!isAbsolute(name) && normalize(name).split(sep)[0] !== '..') return join(directory, name);
  throw new NarrowsError('path-outside', `${name} lies outside the dataset's folder`, { path: name });
}

function unreadableError(path: string, name: string, error: unknown): NarrowsError {
  const { code } = error as NodeJS.ErrnoException;
  const why = code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`;
  return new NarrowsError('file-missing', `${path} ${why}`, { path: name, cause: error });
}

async function* npzMember(path: string, file: string, member: string): AsyncGenerator<Uint8Array> {
  const choose = (names: readonly string[]) => {
    const found = [`${member}.npy`, member].find((name) => names.includes(name));
    if (found !== undefined) return found;
    const there = names.map((name) => name.replace(/\.npy$/, ''));
    throw arrayInvalid(`${file}#${member}`, `the archive has no member "${member}"`, `its members are ${there.join(', ')}`);
  };
  try {
    yield* readZipMember(path, choose);
  } catch (error) {
    if (error instanceof NarrowsError) throw error;
    if (error instanceof ZipError) throw arrayInvalid(file, `this is no whole .npz archive (${error.message})`);
    throw unreadableError(path, file, error);
  }
}

function changedError(reference: string): NarrowsError {
  return new NarrowsError('file-changed', `${reference} changed while it was read`, { path: reference, fix: 'try again' });
}
