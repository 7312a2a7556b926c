/** Reads and hashes the files of a dataset folder; refuses files that change meanwhile. */
import { createHash } from 'node:crypto';
import { open, stat } from 'node:fs/promises';
import { isAbsolute, join, normalize, sep } from 'node:path';
import { NarrowsError } from '../../errors.ts';
import { findFiles, isPattern, type MatchedFile } from '../files/patterns.ts';
import { findFormat, parseReference } from '../formats/formats.ts';
import { type ReadMonitor, UNMONITORED } from './monitor.ts';

export interface DatasetFiles {
  /** Returns the files of a pattern. Throws NarrowsError `file-missing` where there are none. */
  list(pattern: string): Promise<readonly MatchedFile[]>;
  /** Returns the path of a file. Throws NarrowsError `path-outside`. */
  path(file: string): string;
  /** Returns and hashes the bytes of a file. A piece is valid until the next is requested. */
  stream(file: string): AsyncIterable<Uint8Array>;
  /** As `stream`, without hashing: for the start of a file. */
  pieces(file: string): AsyncIterable<Uint8Array>;
  /** Returns the bytes of an array, of its file or its member of an archive, and hashes them. */
  content(reference: string): AsyncIterable<Uint8Array>;
  /** Hashes the whole file, unless it has not changed since it was last hashed. */
  ensureHashed(reference: string): Promise<void>;
  /** Returns the sha256 of a file or an archive member, as in a version; of a pattern, of all. */
  hash(reference: string): Promise<string>;
}

/** Throws NarrowsError `file-changed` where a file changes between or during reads. */
export function openDatasetFiles(directory: string, monitor: ReadMonitor = UNMONITORED): DatasetFiles {
  const hashes = new Map<string, string>();
  /** State of a file when it was last hashed. */
  const states = new Map<string, string>();
  const path = (file: string) => resolveWithin(directory, file);
  const listings = new Map<string, readonly MatchedFile[]>();
  const list = async (pattern: string): Promise<readonly MatchedFile[]> => {
    path(pattern);
    const files = listings.get(pattern) ?? (await findFiles(directory, pattern));
    listings.set(pattern, files);
    if (files.length > 0) return files;
    const fix = '"*" means any text within the name of a file or folder: runs/*/xmu.dat';
    throw new NarrowsError('file-missing', `${directory} has no file ${pattern}`, { path: pattern, fix });
  };
  const keepHash = (reference: string, hash: string): string => {
    if ((hashes.get(reference) ?? hash) !== hash) throw changedError(reference);
    hashes.set(reference, hash);
    return hash;
  };
  const pieces = (file: string) => withReadErrors(path(file), file, readPieces(path(file)));
  /** Passes on the bytes of a file, and keeps their hash at the end. */
  async function* hashed(reference: string, file: string, bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    monitor.begin(reference);
    const before = await readState(path(file), file);
    const hash = createHash('sha256');
    for await (const piece of bytes) {
      hash.update(piece);
      yield piece;
    }
    keepHash(reference, hash.digest('hex'));
    if ((await readState(path(file), file)) !== before) throw changedError(file);
    if (reference === file) states.set(file, before);
  }
  const stream = (file: string) => hashed(file, file, pieces(file));
  /** Returns the bytes of an archive's member; null for other references. */
  const memberBytes = (reference: string): AsyncIterable<Uint8Array> | null => {
    const { file, member } = parseReference(reference);
    const format = findFormat(file);
    if (!format?.readMember || member === undefined) return null;
    return hashed(reference, file, withReadErrors(path(file), file, format.readMember(path(file), file, member)));
  };
  async function* content(reference: string): AsyncGenerator<Uint8Array> {
    const member = memberBytes(reference);
    if (member) return yield* member;
    const { file } = parseReference(reference);
    yield* stream(file);
    keepHash(reference, hashes.get(file) ?? '');
  }
  const ensureHashed = async (reference: string): Promise<void> => {
    const { file } = parseReference(reference);
    monitor.begin(reference);
    const state = await readState(path(file), file);
    if (states.get(file) !== state) for await (const _ of stream(file));
    keepHash(reference, hashes.get(file) ?? '');
  };
  const hash = async (reference: string): Promise<string> => {
    const { file: pattern } = parseReference(reference);
    if (isPattern(pattern)) {
      const all = createHash('sha256');
      const files = (await list(pattern)).map(({ file }) => file).sort();
      for (const file of files) all.update(`${file} ${await hash(file)}\n`);
      return all.digest('hex');
    }
    if (!hashes.has(reference)) {
      const member = memberBytes(reference);
      if (member) for await (const _ of member);
      else await ensureHashed(reference);
    }
    return hashes.get(reference) ?? '';
  };
  return { list, path, stream, pieces, content, ensureHashed, hash };
}

/** Bytes of a read of about 0.5 ms. */
const STREAM_BYTES = 1 << 20;

/** Uses one buffer for the whole file: new buffers for each piece are freed late and accumulate. */
async function* readPieces(path: string): AsyncGenerator<Uint8Array> {
  await using file = await open(path);
  // A folder of runs has thousands of small files.
  const buffer = new Uint8Array(Math.max(4096, Math.min(STREAM_BYTES, (await file.stat()).size)));
  for (;;) {
    const { bytesRead } = await file.read(buffer, 0, buffer.length);
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
  }
}

/** Turns errors of the file system into NarrowsErrors `file-missing`. */
async function* withReadErrors(path: string, name: string, pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* pieces;
  } catch (error) {
    throw error instanceof NarrowsError ? error : unreadableError(path, name, error);
  }
}

/** Returns inode, size and times of a file: they change with its content. */
async function readState(path: string, name: string): Promise<string> {
  const found = await stat(path, { bigint: true }).catch((error) => {
    throw unreadableError(path, name, error);
  });
  // A pipe or a device may have no end.
  if (!found.isFile() && !found.isDirectory()) {
    throw new NarrowsError('file-missing', `${path} is not a regular file`, { path: name });
  }
  return [found.ino, found.size, found.mtimeNs, found.ctimeNs].join(' ');
}

function resolveWithin(directory: string, name: string): string {
  if (!isAbsolute(name) && normalize(name).split(sep)[0] !== '..') return join(directory, name);
  throw new NarrowsError('path-outside', `${name} is outside the folder of the dataset`, { path: name });
}

function unreadableError(path: string, name: string, error: unknown): NarrowsError {
  const { code } = error as NodeJS.ErrnoException;
  const reason = code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`;
  return new NarrowsError('file-missing', `${path} ${reason}`, { path: name, cause: error });
}

function changedError(reference: string): NarrowsError {
  return new NarrowsError('file-changed', `${reference} changed while it was read`, { path: reference, fix: 'try again' });
}
