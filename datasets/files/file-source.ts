/** Where the files of a dataset are: in a folder, or in an archive that is not unpacked. */
import { open, stat } from 'node:fs/promises';
import { isAbsolute, join, normalize, resolve, sep } from 'node:path';
import { NarrowsError, unreadableReason } from '../../errors.ts';
import { findFiles, type MatchedFile } from './patterns.ts';

export interface FileSource {
  /** Absolute path of the folder or the archive. */
  readonly path: string;
  /** Names the source in errors. */
  readonly name: string;
  /** Names a file in errors. Throws NarrowsError `path-outside`. */
  describe(file: string): string;
  /** Returns the files of a pattern, in the order of their names. */
  find(pattern: string): Promise<readonly MatchedFile[]>;
  /** Returns the bytes of a file; a piece is valid until the next is requested. */
  pieces(file: string): AsyncIterable<Uint8Array>;
  /** Returns what changes with the content of a file. */
  state(file: string): Promise<string>;
  /** Returns the path of the file, or of a copy, for readers that need any part of it. */
  locate(file: string): Promise<string>;
}

/** Returns the folder of a path; other sources as they are. */
export const toFileSource = (from: string | FileSource): FileSource => (typeof from === 'string' ? openFolder(from) : from);

/** Throws NarrowsError `file-missing` for files that cannot be read. */
function openFolder(directory: string): FileSource {
  const pathOf = (file: string) => resolveWithin(directory, file);
  return {
    path: resolve(directory),
    name: directory,
    describe: pathOf,
    find: (pattern) => findFiles(directory, pattern),
    pieces: (file) => withReadErrors(pathOf(file), file, readPieces(pathOf(file))),
    state: (file) => readState(pathOf(file), file),
    locate: async (file) => pathOf(file),
  };
}

/** Bytes of a read of about 0.5 ms. */
const STREAM_BYTES = 1 << 20;

/** Uses one buffer for the whole file: new buffers for each piece are freed late and accumulate. */
export async function* readPieces(path: string): AsyncGenerator<Uint8Array> {
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
    throw unreadableError(path, name, error);
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
  if (isWithin(name)) return join(directory, name);
  throw outsideError(name);
}

/** Returns whether a name leads to a file of the folder that it is relative to. */
export const isWithin = (name: string): boolean => !isAbsolute(name) && normalize(name).split(sep)[0] !== '..';

export const outsideError = (name: string): NarrowsError =>
  new NarrowsError('path-outside', `${name} is outside the folder of the dataset`, { path: name });

function unreadableError(path: string, name: string, error: unknown): NarrowsError {
  return new NarrowsError('file-missing', `${path} ${unreadableReason(error)}`, { path: name, cause: error });
}
